package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Requests;
import io.millrace.server.http.entry.Refusal;
import java.util.List;

/** What is not a record: events, procedures, presence. Stateless. */
final class Messages {

  private Messages() {}

  static void emit(Exchange exchange) {
    exchange.make(
        Requests.emit(exchange.name(), exchange.optionalJson()), done -> exchange.end(204));
  }

  static void call(Exchange exchange) {
    exchange.make(
        Requests.call(exchange.name(), exchange.optionalJson()),
        answer -> {
          if (answer instanceof Answer.Result(JsonText data) && data != null) {
            exchange.end(200, data);
          } else {
            exchange.end(204);
          }
        });
  }

  static void presence(Exchange exchange) {
    List<String> users = exchange.query("user");
    for (String user : users) {
      if (!RecordName.isValid(user)) {
        throw new Refusal(400, "A user id has 1 to 1024 characters");
      }
    }
    exchange.make(
        users.isEmpty()
            ? Requests.whoIsOnline()
            : Requests.areOnline(users.stream().distinct().toList()),
        answer -> exchange.end(200, presenceOf(answer)));
  }

  private static JsonText presenceOf(Answer answer) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    switch (answer) {
      case Answer.Online online -> online.users().forEach(body.putArray("users")::add);
      case Answer.OnlineByName(JsonText users) ->
          body.putRawValue("users", new RawValue(users.text()));
      default -> throw new IllegalStateException("not the answer to a presence query");
    }
    return Json.text(body);
  }
}
