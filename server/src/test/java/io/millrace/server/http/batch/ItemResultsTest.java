package io.millrace.server.http.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Requests;
import org.junit.jupiter.api.Test;

/** The texts and numbers that callers compare with (protocol §7.4). */
final class ItemResultsTest {
  private static final BatchItem RECORD =
      new BatchItem.Plain(Requests.read(new RecordName("name")));
  private static final BatchItem EVENT = new BatchItem.Plain(Requests.emit("name", null));
  private static final BatchItem RPC = new BatchItem.Plain(Requests.call("name", null));
  private static final BatchItem PRESENCE = new BatchItem.Plain(Requests.whoIsOnline());

  private static JsonNode result(BatchItem item, Answer answer) {
    return Json.parse(Json.text(ItemResults.of(item, answer, null))).orElseThrow();
  }

  private static void assertFailure(JsonNode result, String topic, Object event, String text) {
    assertThat(result.get("success").booleanValue()).isFalse();
    assertThat(result.get("errorTopic").textValue()).isEqualTo(topic);
    assertThat(result.get("errorEvent").asText()).isEqualTo(event.toString());
    assertThat(result.get("error").textValue()).contains(text);
  }

  @Test
  void deniedRecordActionsAreNamed() {
    JsonNode result = result(RECORD, new Answer.Denied(RecordAction.CREATEANDPATCH, "name"));

    assertFailure(result, "record", 115, "Message denied. Action \"CREATEANDPATCH\"");
    assertThat(result.get("action").intValue()).isEqualTo(17);
  }

  @Test
  void deniedCallsAndQueriesAreNamed() {
    assertFailure(
        result(RPC, new Answer.Denied(RpcAction.REQUEST, "name")),
        "rpc",
        107,
        "Message denied. Action \"REQUEST\"");
    assertFailure(
        result(PRESENCE, new Answer.Denied(PresenceAction.QUERY_ALL, "")),
        "presence",
        102,
        "Message denied. Action \"QUERY_ALL\"");
  }

  @Test
  void deniedEventsHaveANameInsteadOfANumber() {
    JsonNode denied = result(EVENT, new Answer.Denied(EventAction.EMIT, "name"));
    JsonNode failed =
        result(
            EVENT,
            new Answer.RuleFailed(EventAction.MESSAGE_PERMISSION_ERROR, EventAction.EMIT, "name"));

    assertFailure(denied, "event", "MESSAGE_DENIED", "Message denied");
    assertThat(denied.get("errorAction").textValue()).isEqualTo("emit");
    assertThat(failed).isEqualTo(denied);
  }

  @Test
  void aRuleThatFailsIsAnErrorOfItsTopic() {
    JsonNode result =
        result(
            RECORD,
            new Answer.RuleFailed(
                RecordAction.MESSAGE_PERMISSION_ERROR, RecordAction.READ, "name"));

    assertFailure(result, "record", 114, "MESSAGE_PERMISSION_ERROR");
    assertThat(result.get("errorParams").textValue()).isEqualTo("name");
  }

  @Test
  void callsFailInTheirOwnWays() {
    assertFailure(result(RPC, new Answer.NoProvider("name")), "rpc", 100, "No provider");
    assertFailure(
        result(RPC, new Answer.ProviderTimeout(RpcAction.RESPONSE_TIMEOUT, "name")),
        "rpc",
        104,
        "response timeout");
    assertFailure(
        result(RPC, new Answer.ProviderTimeout(RpcAction.ACCEPT_TIMEOUT, "name")),
        "rpc",
        101,
        "ACCEPT_TIMEOUT");
    assertThat(result(RPC, new Answer.ProviderError(new JsonText("{\"code\":7}"))))
        .hasToString("{\"success\":false,\"errorTopic\":\"rpc\",\"error\":{\"code\":7}}");
  }

  @Test
  void noAnswerInTimeIsAFailureOfTheConnection() {
    assertFailure(
        result(EVENT, new Answer.TimedOut()), "connection", "HTTP_REQUEST_TIMEOUT", "time out");
  }

  @Test
  void aConflictWithoutTheRightToReadTellsNoData() {
    JsonNode result = result(RECORD, new Answer.Conflict("name", 3, 7, false));

    assertFailure(result, "record", 102, "Version 7 exists");
    assertThat(result.get("currentVersion").intValue()).isEqualTo(7);
    assertThat(result.has("currentData")).isFalse();
  }

  @Test
  void aResultWithoutDataHasNone() {
    assertThat(result(RPC, new Answer.Result(null))).hasToString("{\"success\":true}");
    assertThat(result(RPC, new Answer.Result(JsonText.NULL)))
        .hasToString("{\"success\":true,\"data\":null}");
  }
}
