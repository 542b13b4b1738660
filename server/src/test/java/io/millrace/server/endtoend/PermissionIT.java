package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a permission file: rules that look at records, order, and a file that changes. */
@Timeout(300)
final class PermissionIT {
  private static final RecordName SEAT = new RecordName("seat/a/1");
  private static final RecordName SALE = new RecordName("sale/a");

  private static final String RULES =
      """
      record:
        "*": { create: true, read: true, write: true, delete: false }
        "seat/$section/*":
          write: "(oldData === null || oldData.by === user.id) && _('sale/' + $section).open"
        "counter": { write: "data.n === (oldData === null ? 1 : oldData.n + 1)" }
        "letterbox/*": { read: "oldData.owner === user.id" }
        "closed/*": { create: false, read: "oldData.public" }
      event:
        "*": { publish: "data > 10", subscribe: true, listen: true }
      rpc:
        "*": { provide: true, request: true }
      presence:
        "*": { allow: true }
      """;

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void writeRules() throws IOException {
    file = directory.resolve("permissions.yml");
    Files.writeString(file, RULES);
  }

  @Test
  void aRuleSeesTheRecordAndOthers() {
    try (TestServer server = start();
        ScriptedClient lena = client(server, "lena");
        ScriptedClient max = client(server, "max")) {
      assertThat(set(lena, SEAT, "{\"by\": \"lena\"}"))
          .as("the sale is not there")
          .isEqualTo(RecordAction.MESSAGE_PERMISSION_ERROR);
      assertThat(set(max, SALE, "{\"open\": true}")).isEqualTo(RecordAction.WRITE_ACKNOWLEDGEMENT);
      assertThat(set(lena, SEAT, "{\"by\": \"lena\"}"))
          .isEqualTo(RecordAction.WRITE_ACKNOWLEDGEMENT);
      assertThat(set(max, SEAT, "{\"by\": \"max\"}")).isEqualTo(RecordAction.MESSAGE_DENIED);
      assertThat(set(lena, SEAT, "{\"by\": \"lena\", \"n\": 2}"))
          .isEqualTo(RecordAction.WRITE_ACKNOWLEDGEMENT);
      assertThat(set(max, SALE, "{\"open\": false}")).isEqualTo(RecordAction.WRITE_ACKNOWLEDGEMENT);
      assertThat(set(lena, SEAT, "{\"by\": \"lena\", \"n\": 3}"))
          .isEqualTo(RecordAction.MESSAGE_DENIED);
    }
  }

  /** Each write has to see the one before it, and what needs no rule must not overtake. */
  @Test
  void aBurstIsJudgedInItsOrder() {
    RecordName counter = new RecordName("counter");
    int writes = 300;
    try (TestServer server = start();
        ScriptedClient client = client(server, "lena")) {
      for (int n = 1; n <= writes; n++) {
        client.send(
            write(counter, "{\"n\": " + n + "}", new WriteAckRequest(true, String.valueOf(n))));
      }
      client.send(new RecordRequest.Read(counter));
      assertThat(client.await(RecordPush.ReadResponse.class).version()).isEqualTo(writes);
      for (int n = 1; n <= writes; n++) {
        var ack = client.await(RecordPush.WriteAcknowledgement.class);
        assertThat(ack.correlationId()).isEqualTo(String.valueOf(n));
      }
      assertThat(client.roundTrip()).isEmpty();
    }
  }

  @Test
  void ofABulkSubscriptionOnlyWhatIsAllowedBegins() {
    RecordName open = new RecordName("closed/open");
    RecordName secret = new RecordName("closed/secret");
    RecordName missing = new RecordName("closed/missing");
    RecordName other = new RecordName("other");
    try (TestServer server = start();
        ScriptedClient client = client(server, "lena")) {
      replace(RULES.replace("create: false, read", "create: true, read"));
      await().until(() -> server.metric("millrace_permission_reloads_total") == 1);
      set(client, open, "{\"public\": true}");
      set(client, secret, "{\"public\": false}");
      replace(RULES);
      await().until(() -> server.metric("millrace_permission_reloads_total") == 2);

      client.send(
          new RecordRequest.Bulk(
              RecordAction.SUBSCRIBECREATEANDREAD, List.of(secret, open, missing, other), "0"));
      List<ServerMessage> answers =
          List.of(
              client.await(RecordPush.class),
              client.await(RecordPush.class),
              client.await(RecordPush.class),
              client.await(RecordPush.class),
              client.await(RecordPush.class));
      assertThat(answers.get(0)).isInstanceOf(RecordPush.Ack.class);
      assertThat(answers)
          .contains(
              denied(secret),
              denied(missing),
              new RecordPush.ReadResponse(open, 1, new JsonText("{\"public\":true}")),
              new RecordPush.ReadResponse(other, 0, JsonText.EMPTY_OBJECT));
      assertThat(client.roundTrip()).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static RecordPush.Failure denied(RecordName name) {
    return new RecordPush.Failure(
        RecordAction.MESSAGE_DENIED,
        name.value(),
        RecordAction.SUBSCRIBECREATEANDREAD,
        true,
        new WriteAckRequest(false, "0"),
        null,
        null);
  }

  /** P7: who may write a record and not read it is told that it lost, but not against what. */
  @Test
  void aConflictTellsTheStateOnlyToThoseWhoMayReadIt() {
    RecordName secret = new RecordName("letterbox/1");
    try (TestServer server = start();
        ScriptedClient lena = client(server, "lena");
        ScriptedClient max = client(server, "max")) {
      set(lena, secret, "{\"owner\":\"lena\"}");
      for (ScriptedClient client : List.of(max, lena)) {
        client.send(
            new RecordRequest.Update(
                RecordAction.UPDATE,
                secret,
                1,
                new JsonText("{\"owner\":\"max\"}"),
                new WriteAckRequest(false, null)));
      }
      assertThat(max.await(RecordPush.VersionExists.class).data()).isNull();
      assertThat(lena.await(RecordPush.VersionExists.class).data())
          .isEqualTo(new JsonText("{\"owner\":\"lena\"}"));
    }
  }

  @Test
  void eventsAreJudgedByWhatTheyCarry() {
    try (TestServer server = start();
        ScriptedClient client = client(server, "lena");
        ScriptedClient other = client(server, "max")) {
      other.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("e"), "0"));
      other.await(EventPush.Ack.class);
      client.send(new EventRequest.Emit("e", new JsonText("9")));
      client.send(new EventRequest.Emit("e", new JsonText("\"12\"")));
      assertThat(client.await(EventPush.class))
          .isEqualTo(
              new EventPush.Failure(EventAction.MESSAGE_DENIED, "e", EventAction.EMIT, true, null));
      assertThat(other.await(EventPush.Emit.class).data()).isEqualTo(new JsonText("\"12\""));
    }
  }

  @Test
  void aBrokenFileLeavesTheOldRulesInForce() throws IOException {
    try (TestServer server = start();
        ScriptedClient client = client(server, "lena")) {
      replace("record: nonsense");
      await()
          .atMost(Duration.ofSeconds(90))
          .until(() -> server.metric("millrace_permission_reload_failures_total") == 1);
      client.send(new RecordRequest.Delete(SEAT, null));
      assertThat(client.await(RecordPush.class).action()).isEqualTo(RecordAction.MESSAGE_DENIED);
      replace(RULES.replace("delete: false", "delete: true"));
      await()
          .atMost(Duration.ofSeconds(90))
          .until(() -> server.metric("millrace_permission_reloads_total") == 1);
      client.send(new RecordRequest.Delete(SEAT, null));
      assertThat(client.await(RecordPush.class)).isEqualTo(new RecordPush.DeleteSuccess(SEAT));
    }
  }

  /** At once: whoever looks must not see a file that is half written. */
  private void replace(String rules) throws IOException {
    Path next = Files.writeString(directory.resolve("next.yml"), rules);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private TestServer start() {
    return TestServer.with().yaml("permission: { type: config, file: \"" + file + "\" }").start();
  }

  private static ScriptedClient client(TestServer server, String user) {
    return ScriptedClient.connect(server.uri()).login("{\"username\": \"" + user + "\"}");
  }

  private static RecordRequest write(RecordName name, String json, WriteAckRequest ack) {
    return new RecordRequest.Update(
        RecordAction.CREATEANDUPDATE, name, -1, new JsonText(json), ack);
  }

  /** What a forced write is answered with. */
  private static RecordAction set(ScriptedClient client, RecordName name, String json) {
    client.send(write(name, json, new WriteAckRequest(true, "1")));
    return client.await(RecordPush.class).action();
  }
}
