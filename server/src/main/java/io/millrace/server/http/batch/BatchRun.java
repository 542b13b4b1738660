package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Calls;
import io.millrace.server.http.call.Requests;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch on its way: its items one after the other, so that a read sees what was written before
 * it. Confined to the loop of its {@link Calls}.
 */
final class BatchRun {

  /**
   * What the results of one batch may hold, in UTF-16 units: a body of 1 MiB can ask for ten
   * thousand records. What would come on top of that is not read any more.
   */
  static final long MAX_ANSWER_LENGTH = 8L << 20;

  private final Batch batch;
  private final Calls calls;
  private final Consumer<JsonText> done;
  private final ArrayNode results = JsonNodeFactory.instance.arrayNode();
  private int successes;
  private long length;

  /**
   * @param done gets the body of the response
   */
  public BatchRun(Batch batch, Calls calls, Consumer<JsonText> done) {
    this.batch = batch;
    this.calls = calls;
    this.done = done;
  }

  public void start() {
    next();
  }

  private void next() {
    while (results.size() < batch.items().size()) {
      BatchItem item = batch.items().get(results.size());
      if (length <= MAX_ANSWER_LENGTH || !isAnsweredAtLength(item.request())) {
        calls.make(item.request(), answer -> answered(item, answer));
        return;
      }
      add(item, new Answer.TooMuch(), null);
    }
    finish();
  }

  /** A conflict tells what is there, but only to those who may read it (P7). */
  private void answered(BatchItem item, Answer answer) {
    if (item instanceof BatchItem.Write write
        && answer instanceof Answer.Conflict
        && length <= MAX_ANSWER_LENGTH) {
      calls.make(
          Requests.read(write.name()),
          current -> {
            add(item, answer, current instanceof Answer.State state ? state : null);
            next();
          });
      return;
    }
    add(item, answer, null);
    next();
  }

  private void add(BatchItem item, Answer answer, Answer.@Nullable State current) {
    results.add(ItemResults.of(item, answer, current));
    if (!(answer instanceof Answer.Failed)) {
      successes++;
    }
    length += lengthOf(answer) + lengthOf(current);
  }

  private void finish() {
    ObjectNode response = JsonNodeFactory.instance.objectNode();
    String result =
        successes == results.size() ? "SUCCESS" : successes == 0 ? "FAILURE" : "PARTIAL_SUCCESS";
    response.put("result", result);
    response.set("body", results);
    done.accept(Json.text(response));
  }

  private static boolean isAnsweredAtLength(ClientMessage request) {
    return !(request instanceof RecordRequest.Write) && !(request instanceof EventRequest);
  }

  private static long lengthOf(@Nullable Answer answer) {
    return switch (answer) {
      case Answer.State state -> state.data().text().length();
      case Answer.Result(JsonText data) -> data == null ? 0 : data.text().length();
      case Answer.ProviderError(JsonText error) -> error == null ? 0 : error.text().length();
      case Answer.OnlineByName(JsonText users) -> users.text().length();
      case Answer.Online online -> online.users().stream().mapToLong(String::length).sum();
      case null, default -> 0;
    };
  }
}
