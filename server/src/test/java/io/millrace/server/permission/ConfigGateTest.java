package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which rule a request is judged by, and what becomes of it (protocol §1.9, §8.1). */
final class ConfigGateTest {
  private static final RecordName R = new RecordName("r");
  private static final WriteAckRequest ACK = new WriteAckRequest(true, "7");

  private static RecordRequest.Update update(RecordAction action, String json) {
    return new RecordRequest.Update(action, R, -1, new JsonText(json), ACK);
  }

  private static RecordRequest.Patch patch(
      RecordAction action, String path, @Nullable String json) {
    return new RecordRequest.Patch(
        action, R, -1, path, json == null ? null : new JsonText(json), ACK);
  }

  private static RecordRequest.Bulk bulk(RecordAction action, String... names) {
    return new RecordRequest.Bulk(action, Stream.of(names).map(RecordName::new).toList(), "5");
  }

  private static RecordPush.Failure refused(
      RecordAction action, String name, RecordAction original, WriteAckRequest ack) {
    return new RecordPush.Failure(action, name, original, true, ack, null, null);
  }

  private static final WriteAckRequest CORRELATED = new WriteAckRequest(false, "5");

  // --- the table

  private record Line(ClientMessage message, String section, String type, int action) {}

  private static Stream<Line> table() {
    return Stream.of(
        new Line(update(RecordAction.UPDATE, "{}"), "record", "write", 18),
        new Line(update(RecordAction.CREATEANDUPDATE, "{}"), "record", "create", 15),
        new Line(update(RecordAction.CREATEANDUPDATE, "{}"), "record", "write", 18),
        new Line(patch(RecordAction.PATCH, "a", "1"), "record", "write", 19),
        new Line(patch(RecordAction.CREATEANDPATCH, "a", "1"), "record", "create", 15),
        new Line(patch(RecordAction.CREATEANDPATCH, "a", "1"), "record", "write", 19),
        new Line(patch(RecordAction.ERASE, "a", null), "record", "delete", 20),
        new Line(
            new RecordRequest.PatchMulti(R, 1, new JsonText("[{\"path\": \"a\"}]"), ACK),
            "record",
            "write",
            35),
        new Line(new RecordRequest.Read(R), "record", "read", 3),
        new Line(new RecordRequest.Head(R), "record", "read", 5),
        new Line(new RecordRequest.Delete(R, null), "record", "delete", 9),
        new Line(new RecordRequest.Notify(List.of(R), "5"), "record", "notify", 2),
        new Line(bulk(RecordAction.SUBSCRIBE, "r"), "record", "read", 25),
        new Line(bulk(RecordAction.SUBSCRIBEANDHEAD, "r"), "record", "read", 21),
        new Line(bulk(RecordAction.SUBSCRIBEANDREAD, "r"), "record", "read", 22),
        new Line(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r"), "record", "create", 15),
        new Line(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "r"), "record", "read", 3),
        new Line(new RecordRequest.Listen(RecordAction.LISTEN, "r"), "record", "listen", 27),
        new Line(new EventRequest.Emit("r", null), "event", "publish", 2),
        new Line(
            new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("r"), "5"),
            "event",
            "subscribe",
            3),
        new Line(new EventRequest.Listen(EventAction.LISTEN, "r"), "event", "listen", 5),
        new Line(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("r"), "5"), "rpc", "provide", 8),
        new Line(new RpcRequest.Call("r", "5", null), "rpc", "request", 2),
        new Line(
            new PresenceRequest.Named(PresenceAction.SUBSCRIBE, List.of("r"), "5"),
            "presence",
            "allow",
            10),
        new Line(
            new PresenceRequest.Named(PresenceAction.QUERY, List.of("r"), "5"),
            "presence",
            "allow",
            4));
  }

  @ParameterizedTest
  @MethodSource("table")
  void isJudgedByItsRule(Line line) {
    GateRig allowing = new GateRig(only(line, "name === 'r' && action === " + line.action()));
    allowing.judge(line.message());
    assertThat(allowing.proceeded).containsExactly(line.message());
    assertThat(allowing.happened).containsExactly(line.message());
    assertThat(allowing.subscriber.isHeld()).isFalse();

    GateRig denying = new GateRig(only(line, "false"));
    denying.judge(line.message());
    assertThat(denying.proceeded).isEmpty();
    assertThat(denying.denied).isEqualTo(1);
    assertThat(denying.subscriber.isHeld()).isFalse();
  }

  /** Every rule of the section allows, but for one. */
  private static String only(Line line, String rule) {
    var text = new StringBuilder(line.section() + ": { \"*\": { ");
    for (RuleType type : Section.of(line.section()).orElseThrow().ruleTypes()) {
      text.append(type.key())
          .append(": ")
          .append(type.key().equals(line.type()) ? '"' + rule + '"' : "true")
          .append(", ");
    }
    return text.append("} }").toString();
  }

  @Test
  void whatNeedsNoPermissionGoesOn() {
    GateRig rig =
        new GateRig(
            """
            record: { "*": { read: false } }
            event: { "*": { publish: false } }
            rpc: { "*": { request: false } }
            presence: { "*": { allow: false } }
            """);
    List<ClientMessage> free =
        List.of(
            bulk(RecordAction.UNSUBSCRIBE, "r"),
            new RecordRequest.Listen(RecordAction.UNLISTEN, "r"),
            new RecordRequest.ListenAnswer(RecordAction.LISTEN_ACCEPT, "r", "s"),
            new RecordRequest.Unexpected(RecordAction.DELETE_BULK),
            new EventRequest.Bulk(EventAction.UNSUBSCRIBE, List.of("e"), "1"),
            new EventRequest.Listen(EventAction.UNLISTEN, "e"),
            new EventRequest.ListenAnswer(EventAction.LISTEN_REJECT, "e", "s"),
            new RpcRequest.Bulk(RpcAction.UNPROVIDE, List.of("p"), "1"),
            new RpcRequest.Answer(RpcAction.ACCEPT, "p", "1", null),
            new PresenceRequest.Named(PresenceAction.UNSUBSCRIBE, List.of("u"), "1"),
            new PresenceRequest.Everybody(PresenceAction.UNSUBSCRIBE_ALL));
    free.forEach(rig::judge);
    assertThat(rig.proceeded).isEqualTo(free);
    assertThat(rig.sent()).isEmpty();
  }

  @Test
  void whatNoRuleAllowsIsDenied() {
    GateRig rig = new GateRig("record: { \"*\": { create: true } }");
    rig.judge(new RecordRequest.Read(R));
    assertThat(rig.sent())
        .containsExactly(
            refused(RecordAction.MESSAGE_DENIED, "r", RecordAction.READ, WriteAckRequest.NONE));
  }

  // --- refusals

  @Test
  void aRefusedWriteCarriesItsAcknowledgement() {
    GateRig rig = new GateRig("record: { \"*\": { write: \"data.no.way\", create: true } }");
    rig.judge(update(RecordAction.CREATEANDUPDATE, "{}"));
    assertThat(rig.sent())
        .containsExactly(
            refused(RecordAction.MESSAGE_PERMISSION_ERROR, "r", RecordAction.CREATEANDUPDATE, ACK));
    assertThat(rig.failed).isEqualTo(1);
  }

  @Test
  void dataThatIsNoJsonIsInvalidIfTheRuleWouldLookAtIt() {
    GateRig rig =
        new GateRig(
            "record: { \"*\": { write: \"data.x\" } }\nevent: { \"*\": { publish: \"data\" } }\n");
    rig.judge(update(RecordAction.UPDATE, "{x"));
    rig.judge(patch(RecordAction.PATCH, "..", "1"));
    rig.judge(new EventRequest.Emit("e", new JsonText("[")));
    assertThat(rig.sent())
        .containsExactly(
            refused(RecordAction.INVALID_MESSAGE_DATA, "r", RecordAction.UPDATE, ACK),
            refused(RecordAction.INVALID_MESSAGE_DATA, "r", RecordAction.PATCH, ACK),
            new EventPush.Failure(
                EventAction.INVALID_MESSAGE_DATA, "e", EventAction.EMIT, true, null));
    assertThat(rig.proceeded).isEmpty();
  }

  @Test
  void ofABulkRequestExactlyTheRefusedNamesAreTakenOut() {
    GateRig rig =
        new GateRig(
            """
            event: { "*": { subscribe: "name !== 'no' && (name !== 'bad' || data.x)" } }
            """);
    rig.judge(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("no", "a", "bad", "b"), "5"));
    assertThat(rig.happened)
        .containsExactly(
            new EventPush.Failure(
                EventAction.MESSAGE_DENIED, "no", EventAction.SUBSCRIBE, true, "5"),
            new EventPush.Failure(
                EventAction.MESSAGE_PERMISSION_ERROR, "bad", EventAction.SUBSCRIBE, true, "5"),
            new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("a", "b"), "5"));
  }

  @Test
  void aBulkRequestWithoutNamesGoesOn() {
    GateRig rig = new GateRig("event: { \"*\": { subscribe: false } }");
    var empty = new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of(), "5");
    rig.judge(empty);
    assertThat(rig.proceeded).containsExactly(empty);
  }

  @Test
  void aBulkRequestWithManyNamesIsJudgedInTurns() {
    GateRig rig = new GateRig("event: { \"*\": { subscribe: \"!name.endsWith('7')\" } }");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      names.add("e" + i);
    }
    rig.judge(new EventRequest.Bulk(EventAction.SUBSCRIBE, names, "5"));
    assertThat(rig.sent()).hasSize(200);
    names.removeIf(name -> name.endsWith("7"));
    assertThat(rig.proceeded)
        .containsExactly(new EventRequest.Bulk(EventAction.SUBSCRIBE, names, "5"));
    assertThat(rig.subscriber.isHeld()).isFalse();
  }

  @Test
  void callsAndProvidersAreRefusedWithTheirCorrelationId() {
    GateRig rig = new GateRig("rpc: { \"*\": { provide: false, request: \"data.n > 10\" } }");
    rig.judge(new RpcRequest.Call("sum", "c1", new JsonText("{\"n\": 9}")));
    rig.judge(new RpcRequest.Call("sum", "c2", null));
    rig.judge(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
    assertThat(rig.sent())
        .containsExactly(
            new RpcPush.Failure(RpcAction.MESSAGE_DENIED, "sum", "c1", RpcAction.REQUEST, true),
            new RpcPush.Failure(
                RpcAction.MESSAGE_PERMISSION_ERROR, "sum", "c2", RpcAction.REQUEST, true),
            new RpcPush.Failure(RpcAction.MESSAGE_DENIED, "sum", "0", RpcAction.PROVIDE, true));
    assertThat(rig.proceeded).isEmpty();
  }

  @Test
  void ofPresenceTheNameIsTheUserAndForEverybodyThereIsNone() {
    GateRig rig =
        new GateRig(
            """
            presence: { "*": { allow: "name === undefined" }, "$who": { allow: "$who !== 'x'" } }
            """);
    rig.judge(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
    rig.judge(new PresenceRequest.Named(PresenceAction.QUERY, List.of("x", "y"), "5"));
    assertThat(rig.happened)
        .containsExactly(
            new PresenceRequest.Everybody(PresenceAction.QUERY_ALL),
            new PresencePush.Failure(
                PresenceAction.MESSAGE_DENIED, "x", PresenceAction.QUERY, true, "5"),
            new PresenceRequest.Named(PresenceAction.QUERY, List.of("y"), "5"));
    assertThat(rig.visible("a", "x", "b")).containsExactly("a", "b");
  }

  @Test
  void aRefusedRequestAboutEverybodyHasNoName() {
    GateRig rig = new GateRig("presence: { \"*\": { allow: false } }");
    rig.judge(new PresenceRequest.Everybody(PresenceAction.SUBSCRIBE_ALL));
    assertThat(rig.sent())
        .containsExactly(
            new PresencePush.Failure(
                PresenceAction.MESSAGE_DENIED, null, PresenceAction.SUBSCRIBE_ALL, true, null));
    assertThat(rig.visible("a")).isEmpty();
  }

  // --- SUBSCRIBECREATEANDREAD

  private static final String CREATE_OR_READ =
      """
      record:
        "*": { create: "user.id === 'nobody'", read: true }
        "free/*": { create: true, read: true }
        "own/*": { create: true, read: "oldData.by === user.id" }
        "secret": { create: true, read: false }
      """;

  @Test
  void anExistingRecordNeedsOnlyBeReadable() {
    GateRig rig = new GateRig(CREATE_OR_READ).record("there", "{}");
    rig.judge(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "there", "missing"));
    assertThat(rig.happened)
        .containsExactly(
            bulk(RecordAction.SUBSCRIBECREATEANDREAD, "there"),
            refused(
                RecordAction.MESSAGE_DENIED,
                "missing",
                RecordAction.SUBSCRIBECREATEANDREAD,
                CORRELATED));
  }

  @Test
  void whetherItExistsIsNotLookedUpIfItDoesNotMatter() {
    GateRig rig = new GateRig(CREATE_OR_READ).slow();
    rig.judge(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "free/1", "secret"));
    assertThat(rig.proceeded).containsExactly(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "free/1"));
    assertThat(rig.reading()).isEmpty();
  }

  @Test
  void aRecordThatWillBeCreatedIsReadAsAnEmptyOne() {
    GateRig rig = new GateRig(CREATE_OR_READ).record("own/1", "{\"by\": \"lena\"}");
    rig.judge(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "own/1", "own/2"));
    assertThat(rig.happened)
        .containsExactly(
            bulk(RecordAction.SUBSCRIBECREATEANDREAD, "own/1"),
            refused(
                RecordAction.MESSAGE_DENIED,
                "own/2",
                RecordAction.SUBSCRIBECREATEANDREAD,
                CORRELATED));
  }

  @Test
  void itIsAcknowledgedEvenIfEverythingIsRefused() {
    GateRig rig = new GateRig(CREATE_OR_READ);
    rig.judge(bulk(RecordAction.SUBSCRIBECREATEANDREAD, "secret"));
    assertThat(rig.happened)
        .containsExactly(
            new RecordPush.Ack(
                RecordAction.SUBSCRIBECREATEANDREAD, null, List.of(new RecordName("secret")), "5"),
            refused(
                RecordAction.MESSAGE_DENIED,
                "secret",
                RecordAction.SUBSCRIBECREATEANDREAD,
                CORRELATED));
  }

  // --- data and loading

  @Test
  void aPatchIsJudgedByTheRecordAfterIt() {
    GateRig rig =
        new GateRig(
                "record: { \"*\": { create: true, write: \"data.a.b === 2 && data.c === 3\" } }")
            .record("r", "{\"a\": {\"b\": 1}, \"c\": 3}");
    rig.judge(patch(RecordAction.PATCH, "a.b", "2"));
    rig.judge(patch(RecordAction.CREATEANDPATCH, "a.b", "2"));
    var multi =
        new RecordRequest.PatchMulti(
            R,
            5,
            new JsonText("[{\"path\": \"x\", \"data\": 1}, {\"path\": \"a.b\", \"data\": 2}]"),
            ACK);
    rig.judge(multi);
    assertThat(rig.proceeded).hasSize(3);
    rig.judge(patch(RecordAction.PATCH, "a.b", "3"));
    rig.judge(patch(RecordAction.PATCH, "a.b", null));
    assertThat(rig.proceeded).hasSize(3);
    assertThat(rig.denied).isEqualTo(2);
  }

  @Test
  void aPatchOfAMissingRecordIsAnErrorIfTheRuleLooksAtData() {
    GateRig rig =
        new GateRig(
            """
            record:
              "*": { create: true, write: "data.a === 1" }
              "o*": { write: "oldData === null" }
            """);
    rig.judge(patch(RecordAction.PATCH, "a", "1"));
    assertThat(rig.sent())
        .containsExactly(
            refused(RecordAction.MESSAGE_PERMISSION_ERROR, "r", RecordAction.PATCH, ACK));
    rig.judge(patch(RecordAction.CREATEANDPATCH, "a", "1"));
    assertThat(rig.proceeded).hasSize(1);
  }

  @Test
  void theSessionIsHeldWhileARecordIsLoaded() {
    GateRig rig =
        new GateRig("record: { \"*\": { write: \"oldData.by === user.id && _('s').open\" } }")
            .record("r", "{\"by\": \"lena\"}")
            .record("s", "{\"open\": true}")
            .slow();
    rig.judge(update(RecordAction.UPDATE, "{}"));
    assertThat(rig.subscriber.isHeld()).isTrue();
    assertThat(rig.reading()).containsExactly("r");
    rig.answer("r");
    rig.settle();
    assertThat(rig.reading()).containsExactly("s");
    assertThat(rig.proceeded).isEmpty();
    rig.answer("s");
    rig.settle();
    assertThat(rig.proceeded).hasSize(1);
    assertThat(rig.subscriber.isHeld()).isFalse();
  }

  @Test
  void aRecordThatCannotBeReadIsAnError() {
    GateRig rig = new GateRig("record: { \"*\": { read: \"oldData\" } }").slow();
    rig.judge(new RecordRequest.Read(R));
    rig.failToRead("r");
    rig.settle();
    assertThat(rig.sent())
        .containsExactly(
            refused(
                RecordAction.MESSAGE_PERMISSION_ERROR,
                "r",
                RecordAction.READ,
                WriteAckRequest.NONE));
    assertThat(rig.subscriber.isHeld()).isFalse();
  }

  @Test
  void aRecordThatDoesNotComeIsAnErrorInTheEnd() {
    GateRig rig = new GateRig("record: { \"*\": { read: \"oldData\" } }").record("r", "{}").slow();
    rig.judge(new RecordRequest.Read(R));
    rig.loops.advance(Duration.ofMinutes(1));
    rig.settle();
    assertThat(rig.failed).isEqualTo(1);
    assertThat(rig.subscriber.isHeld()).isFalse();
    rig.answer("r");
    rig.settle();
    assertThat(rig.proceeded).isEmpty();
    assertThat(rig.sent()).hasSize(1);
    assertThat(rig.loops.timers()).isZero();
  }

  @Test
  void aBulkRequestLoadsSomeRecordsAtATime() {
    GateRig rig = new GateRig("record: { \"*\": { read: \"oldData.ok\" } }").slow();
    String[] names = new String[100];
    for (int i = 0; i < names.length; i++) {
      names[i] = "r" + i;
      rig.record(names[i], "{\"ok\": " + (i % 3 != 0) + "}");
    }
    rig.judge(bulk(RecordAction.SUBSCRIBEANDREAD, names));
    int most = 0;
    while (!rig.reading().isEmpty()) {
      most = Math.max(most, rig.reading().size());
      rig.answer(rig.reading().get(rig.reading().size() - 1));
      rig.settle();
    }
    assertThat(most).isBetween(10, 50);
    assertThat(rig.sent()).hasSize(34);
    assertThat(((RecordRequest.Bulk) rig.proceeded.get(0)).names())
        .hasSize(66)
        .startsWith(new RecordName("r1"), new RecordName("r2"), new RecordName("r4"));
    assertThat(rig.subscriber.isHeld()).isFalse();
  }

  @Test
  void rulesSeeWhoAsks() {
    String rules =
        "event: { \"*\": { publish: \"user.isAuthenticated && user.data.role === 'seller' && now"
            + " === 5000\" } }";
    var emit = new EventRequest.Emit("e", new JsonText("1"));
    GateRig known = new GateRig(rules);
    known.judge(emit);
    assertThat(known.proceeded).containsExactly(emit);
    GateRig anonymous = new GateRig(rules, new User(User.ANONYMOUS, null, null));
    anonymous.judge(emit);
    assertThat(anonymous.denied).isEqualTo(1);
  }
}
