package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.millrace.protocol.Action;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.Topic;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.http.call.Answer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The results of single items as callers know them (protocol §7.4). */
final class ItemResults {

  private ItemResults() {}

  /**
   * What is told of an item.
   *
   * @param current what is there now, when the item was a write and came to a conflict
   */
  static ObjectNode of(BatchItem item, Answer answer, Answer.@Nullable State current) {
    return switch (answer) {
      case Answer.Done() -> success();
      case Answer.State(int version, JsonText data) -> {
        ObjectNode result = success().put("version", version);
        yield result.putRawValue("data", raw(data));
      }
      case Answer.Version(int version) -> success().put("version", version);
      case Answer.Result(JsonText data) ->
          data == null ? success() : success().putRawValue("data", raw(data));
      case Answer.Online online -> {
        ObjectNode result = success();
        online.users().forEach(result.putArray("users")::add);
        yield result;
      }
      case Answer.OnlineByName(JsonText users) -> success().putRawValue("users", raw(users));
      case Answer.Failed failed -> failure(item.topic(), failed, current);
    };
  }

  private static ObjectNode failure(
      Topic topic, Answer.Failed failed, Answer.@Nullable State current) {
    return switch (failed) {
      case Answer.NotFound(String name) ->
          failure(
              RecordAction.RECORD_NOT_FOUND,
              "Record read failed. Record \"" + name + "\" could not be found.");
      case Answer.Conflict conflict -> conflict(conflict, current);
      case Answer.Denied denied -> denied(denied);
      case Answer.RuleFailed rule ->
          topic == Topic.EVENT
              ? denied(new Answer.Denied(rule.original(), rule.name()))
              : other(rule.error(), rule.name());
      case Answer.NoProvider(String name) ->
          failure(RpcAction.NO_RPC_PROVIDER, "No provider was available for \"" + name + "\".");
      case Answer.ProviderTimeout(Action error, String name) ->
          error == RpcAction.RESPONSE_TIMEOUT
              ? failure(error, "RPC response timeout: \"" + name + "\" was not answered.")
              : other(error, name);
      case Answer.ProviderError(JsonText error) -> {
        ObjectNode result = failure(Topic.RPC);
        yield error == null ? result.putNull("error") : result.putRawValue("error", raw(error));
      }
      case Answer.Refused(Action error, String name) -> other(error, name);
      case Answer.TimedOut() ->
          failure(Topic.CONNECTION)
              .put("error", "Request time out. It is not known what became of it.")
              .put("errorEvent", "HTTP_REQUEST_TIMEOUT");
      case Answer.TooMuch() ->
          failure(Topic.CONNECTION)
              .put("error", "Not tried: what was read before is too much for one response.")
              .put("errorEvent", "HTTP_RESPONSE_TOO_LARGE");
    };
  }

  private static ObjectNode conflict(Answer.Conflict conflict, Answer.@Nullable State current) {
    int version = current == null ? conflict.current() : current.version();
    ObjectNode result =
        conflict.gap()
            ? failure(
                RecordAction.INVALID_VERSION,
                "Record update failed. Version %d is not valid for record \"%s\"."
                    .formatted(conflict.wanted(), conflict.name()))
            : failure(
                RecordAction.VERSION_EXISTS,
                "Record update failed. Version %d exists for record \"%s\"."
                    .formatted(version, conflict.name()));
    result.put("currentVersion", version);
    return current == null ? result : result.putRawValue("currentData", raw(current.data()));
  }

  private static ObjectNode denied(Answer.Denied denied) {
    Action original = denied.original();
    if (original.topic() == Topic.EVENT) {
      return failure(Topic.EVENT)
          .put("error", "Message denied. Action \"emit\" is not permitted.")
          .put("errorEvent", EventAction.MESSAGE_DENIED.name())
          .put("errorAction", "emit");
    }
    int number =
        switch (original.topic()) {
          case RPC -> RpcAction.MESSAGE_DENIED.number();
          case PRESENCE -> PresenceAction.MESSAGE_DENIED.number();
          default -> RecordAction.MESSAGE_DENIED.number();
        };
    return failure(original.topic())
        .put("error", "Message denied. Action \"" + original.name() + "\" is not permitted.")
        .put("errorEvent", number)
        .put("action", original.number());
  }

  private static ObjectNode other(Action error, String name) {
    return failure(error, "An error occurred: " + error.name() + ".").put("errorParams", name);
  }

  private static ObjectNode failure(Action error, String text) {
    return failure(error.topic()).put("error", text).put("errorEvent", error.number());
  }

  private static ObjectNode failure(Topic topic) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("success", false)
        .put("errorTopic", topic.name().toLowerCase(Locale.ROOT));
  }

  private static ObjectNode success() {
    return JsonNodeFactory.instance.objectNode().put("success", true);
  }

  private static RawValue raw(JsonText text) {
    return new RawValue(text.text());
  }
}
