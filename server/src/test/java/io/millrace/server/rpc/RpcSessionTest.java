package io.millrace.server.rpc;

import static io.millrace.protocol.RpcAction.ACCEPT;
import static io.millrace.protocol.RpcAction.ACCEPT_TIMEOUT;
import static io.millrace.protocol.RpcAction.INVALID_MESSAGE_DATA;
import static io.millrace.protocol.RpcAction.MESSAGE_DENIED;
import static io.millrace.protocol.RpcAction.MULTIPLE_ACCEPT;
import static io.millrace.protocol.RpcAction.NO_RPC_PROVIDER;
import static io.millrace.protocol.RpcAction.PROVIDE;
import static io.millrace.protocol.RpcAction.REJECT;
import static io.millrace.protocol.RpcAction.REQUEST;
import static io.millrace.protocol.RpcAction.REQUEST_ERROR;
import static io.millrace.protocol.RpcAction.RESPONSE;
import static io.millrace.protocol.RpcAction.RESPONSE_TIMEOUT;
import static io.millrace.protocol.RpcAction.UNPROVIDE;
import static io.millrace.server.rpc.RpcRig.asked;
import static io.millrace.server.rpc.RpcRig.failed;
import static io.millrace.server.rpc.RpcRig.refused;
import static io.millrace.server.rpc.RpcRig.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.User;
import io.millrace.server.rpc.RpcRig.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls between sockets on two loops (protocol §5). */
final class RpcSessionTest {
  private static final Duration ALMOST = Duration.ofNanos(1);

  private RpcRig rig = new RpcRig();
  private Client ann = rig.client(0);
  private Client bob = rig.client(1);
  private Client cid = rig.client(0);
  private String sum = rig.nameAt(0, "sum");

  /** Whatever happened: every call has ended, nothing is kept, no timer runs on. */
  @AfterEach
  void nothingIsLeft() {
    rig.clients.forEach(Client::leaves);
    rig.pass(RpcRig.RESPONSE);
    rig.pass(RpcRig.RESPONSE);
    assertThat(rig.ended()).isEqualTo(rig.started);
    assertThat(rig.rpcs.open()).isZero();
    assertThat(rig.isEmpty()).isTrue();
    assertThat(rig.loops.timers()).isZero();
    rig.clients.forEach(client -> assertThat(client.subscriber.openRequests()).isZero());
  }

  private void with(RpcRules rules) {
    rig = new RpcRig(rules);
    ann = rig.client(0);
    bob = rig.client(1);
    cid = rig.client(0);
    sum = rig.nameAt(0, "sum");
  }

  /** The provider that was asked; what it heard is taken. */
  private Client whoIsAsked(Client... providers) {
    rig.loops.runAll();
    List<Client> asked = new ArrayList<>();
    for (Client each : providers) {
      if (each.hears().stream().anyMatch(RpcPush.Call.class::isInstance)) {
        asked.add(each);
      }
    }
    assertThat(asked).hasSize(1);
    return asked.getFirst();
  }

  private static Client other(Client one, Client... all) {
    for (Client each : all) {
      if (each != one) {
        return each;
      }
    }
    throw new AssertionError();
  }

  // --- providing

  @Test
  void theAckFollowsWhenAllHomeLoopsKnow() {
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of(sum, rig.nameAt(1, "x")), "7"));
    rig.loops.runOne(1);
    assertThat(bob.subscriber.take()).isEmpty();
    assertThat(bob.hears()).containsExactly(new RpcPush.Ack(PROVIDE, "7"));
  }

  @Test
  void aRepeatedNameIsNamedAndTheAckFollows() {
    bob.provides(sum);
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of(sum, "other"), "7"));
    assertThat(bob.hears())
        .containsExactly(
            new RpcPush.MultipleProviders(sum, PROVIDE), new RpcPush.Ack(PROVIDE, "7"));
  }

  @Test
  void oneSocketCannotProvideWithoutEnd() {
    List<String> many = IntStream.range(0, RpcSession.MAX_PROVIDED).mapToObj(i -> "n" + i).toList();
    bob.provides(many.toArray(String[]::new));
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of("more"), "7"));
    assertThat(bob.hears())
        .containsExactly(
            new RpcPush.Failure(MESSAGE_DENIED, "more", "7", PROVIDE, true),
            new RpcPush.Ack(PROVIDE, "7"));
  }

  @Test
  void whoUnprovidesIsAskedNoMoreButMayFinish() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    bob.hears();
    bob.says(new RpcRequest.Bulk(UNPROVIDE, List.of(sum, "unknown"), "u"));
    assertThat(bob.hears()).containsExactly(new RpcPush.Ack(UNPROVIDE, "u"));

    ann.calls(sum, "2", null);
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "2"));
    bob.answers(RESPONSE, sum, "1", "1");
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "1", "1"));
  }

  /** Before a node closes its socket. */
  @Test
  void whoRetiresIsAskedNoMoreAndIsDoneWhenItHasAnswered() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    bob.hears();
    bob.retires();
    assertThat(bob.hears()).isEmpty();
    assertThat(bob.hasOpenCalls()).isTrue();
    assertThat(ann.hasOpenCalls()).isTrue();

    ann.calls(sum, "2", null);
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "2"));
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of(sum), "7"));
    assertThat(bob.hears()).containsExactly(new RpcPush.Ack(PROVIDE, "7"));
    ann.calls(sum, "3", null);
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "3"));

    bob.answers(RESPONSE, sum, "1", "1");
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "1", "1"));
    assertThat(bob.hasOpenCalls()).isFalse();
    assertThat(ann.hasOpenCalls()).isFalse();
  }

  // --- a call

  @Test
  void aCallIsAcceptedAndAnswered() {
    bob.provides(sum);
    ann.calls(sum, "1", "[1,2]");
    assertThat(bob.hears()).containsExactly(asked(sum, "1", "[1,2]"));
    bob.answers(ACCEPT, sum, "1", null);
    bob.answers(RESPONSE, sum, "1", "3");
    assertThat(ann.hears())
        .containsExactly(told(ACCEPT, sum, "1", null), told(RESPONSE, sum, "1", "3"));
    assertThat(rig.ends).containsOnlyKeys(CallEnd.ANSWERED);
  }

  @Test
  void anAnswerNeedsNoDataAndNoAcceptBefore() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    ann.calls(sum, "2", null);
    bob.answers(RESPONSE, sum, "1", null);
    bob.answers(REQUEST_ERROR, sum, "2", "\"no\"");
    assertThat(ann.hears())
        .containsExactly(told(RESPONSE, sum, "1", null), told(REQUEST_ERROR, sum, "2", "\"no\""));
  }

  @Test
  void whoCallsMayBeTheProvider() {
    ann.provides(sum);
    ann.calls(sum, "1", null);
    assertThat(ann.hears()).containsExactly(asked(sum, "1", null));
    ann.answers(RESPONSE, sum, "1", "1");
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "1", "1"));
  }

  @Test
  void whatNobodyProvidesFailsAtOnce() {
    ann.calls(sum, "1", null);
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "1"));
    assertThat(rig.ends).containsOnlyKeys(CallEnd.NO_PROVIDER);
  }

  @Test
  void whatIsNoJsonReachesNobody() {
    bob.provides(sum);
    ann.calls(sum, "1", "{broken");
    assertThat(ann.hears())
        .containsExactly(new RpcPush.Failure(INVALID_MESSAGE_DATA, sum, "1", REQUEST, true));
    ann.calls(sum, "1", "1");
    assertThat(bob.hears()).containsExactly(asked(sum, "1", "1"));
    bob.answers(RESPONSE, sum, "1", "");
    assertThat(bob.hears())
        .containsExactly(new RpcPush.Failure(INVALID_MESSAGE_DATA, sum, "1", RESPONSE, true));
    assertThat(ann.hears()).isEmpty();
  }

  @Test
  void providersAreToldWhoCallsIfTheServerIsToSayIt() {
    with(new RpcRules(RpcRig.ACK, RpcRig.RESPONSE, true, true));
    JsonText data = new JsonText("{\"seat\":1}");
    Client dan = rig.client(1, new User("dan", data, new JsonText("\"secret\"")));
    bob.provides(sum);
    dan.calls(sum, "1", null);
    assertThat(bob.hears()).containsExactly(new RpcPush.Call(sum, "1", null, "dan", data));
    ann.calls(sum, "2", null);
    assertThat(bob.hears())
        .containsExactly(new RpcPush.Call(sum, "2", null, ann.subscriber.user().id(), null));
  }

  // --- the choice

  @Test
  void theProviderWithTheLeastOpenCallsIsAsked() {
    ann.provides(sum, "other");
    bob.provides(sum);
    cid.calls("other", "0", null);
    assertThat(whoIsAsked(ann, bob)).isSameAs(ann);
    cid.calls(sum, "1", null);
    assertThat(whoIsAsked(ann, bob)).isSameAs(bob);
    cid.calls(sum, "2", null);
    cid.calls(sum, "3", null);
    assertThat(ann.hears()).as("calls of all names count").hasSize(1);
    assertThat(bob.hears()).hasSize(1);

    bob.answers(RESPONSE, sum, "1", null);
    rig.loops.runAll();
    for (int i = 4; i < 6; i++) {
      cid.calls(sum, "" + i, null);
      assertThat(whoIsAsked(ann, bob)).isSameAs(bob);
      bob.answers(RESPONSE, sum, "" + i, null);
      rig.loops.runAll();
    }
  }

  @Test
  void equalsTakeTurns() {
    ann.provides(sum);
    bob.provides(sum);
    Client first = null;
    for (int i = 0; i < 4; i++) {
      cid.calls(sum, "" + i, null);
      Client now = whoIsAsked(ann, bob);
      now.answers(RESPONSE, sum, "" + i, null);
      rig.loops.runAll();
      assertThat(now).isNotSameAs(first);
      first = now;
    }
  }

  @Test
  void whoReadsSlowlyIsAskedLast() {
    bob.provides(sum);
    ann.provides(sum);
    bob.becomesWritable(false);
    rig.loops.runAll();
    cid.calls(sum, "1", null);
    cid.calls(sum, "2", null);
    assertThat(ann.hears()).hasSize(2);
    assertThat(bob.hears()).isEmpty();
    ann.answers(REJECT, sum, "1", null);
    assertThat(bob.hears()).containsExactly(asked(sum, "1", null));
  }

  /** P6: what it does not read waits in our memory. */
  @Test
  void aProviderThatDoesNotReadIsSentOnlySoMuch() {
    bob.provides(sum);
    bob.becomesWritable(false);
    String megabyte = "\"" + "x".repeat(1_000_000) + "\"";
    for (int i = 0; i < 20; i++) {
      Client caller = rig.client(0);
      caller.calls(sum, "" + i, megabyte);
    }
    assertThat(bob.hears()).hasSize(RpcSocket.MAX_UNREAD / 1_000_002);
    assertThat(rig.clients.getLast().hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "19"));
  }

  @Test
  void whatASlowReaderHasReadMeanwhileCountsNoMore() {
    bob.provides(sum);
    String megabyte = "\"" + "x".repeat(1_000_000) + "\"";
    int half = RpcSocket.MAX_UNREAD / 2_000_000 + 1;
    for (int round = 0; round < 3; round++) {
      bob.becomesWritable(false);
      for (int i = 0; i < half; i++) {
        rig.client(0).calls(sum, round + "-" + i, megabyte);
      }
      assertThat(bob.hears()).hasSize(half);
      bob.becomesWritable(true);
    }
  }

  // --- rerouting

  @Test
  void aRejectedCallGoesToTheNextAlsoAfterItWasAccepted() {
    ann.provides(sum);
    bob.provides(sum);
    cid.calls(sum, "1", "5");
    Client first = whoIsAsked(ann, bob);
    Client second = other(first, ann, bob);
    first.answers(ACCEPT, sum, "1", null);
    first.answers(REJECT, sum, "1", null);
    assertThat(second.hears()).containsExactly(asked(sum, "1", "5"));
    second.answers(ACCEPT, sum, "1", null);
    second.answers(RESPONSE, sum, "1", "6");
    assertThat(cid.hears())
        .containsExactly(
            told(ACCEPT, sum, "1", null),
            told(ACCEPT, sum, "1", null),
            told(RESPONSE, sum, "1", "6"));
    assertThat(first.hears()).isEmpty();
    assertThat(rig.rerouted).isEqualTo(1);
  }

  @Test
  void whenAllHaveRejectedThereIsNoProviderAndEachWasAskedOnce() {
    List<Client> all = List.of(ann, bob, cid, rig.client(1), rig.client(0));
    all.forEach(each -> each.provides(sum));
    ann.calls(sum, "1", null);
    int asked = 0;
    List<ServerMessage> answers = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      for (Client each : all) {
        for (ServerMessage message : each.hears()) {
          if (message instanceof RpcPush.Call) {
            asked++;
            each.answers(REJECT, sum, "1", null);
          } else {
            answers.add(message);
          }
        }
      }
    }
    assertThat(asked).isEqualTo(5);
    assertThat(answers).containsExactly(failed(NO_RPC_PROVIDER, sum, "1"));
  }

  @Test
  void aCallThatIsNotAcceptedInTimeGoesToTheNext() {
    ann.provides(sum);
    bob.provides(sum);
    cid.calls(sum, "1", null);
    Client first = whoIsAsked(ann, bob);
    Client second = other(first, ann, bob);
    rig.pass(RpcRig.ACK.minus(ALMOST));
    assertThat(second.hears()).isEmpty();
    rig.pass(ALMOST);
    assertThat(second.hears()).containsExactly(asked(sum, "1", null));

    first.answers(ACCEPT, sum, "1", null);
    first.answers(RESPONSE, sum, "1", "1");
    assertThat(first.hears())
        .containsExactly(refused(ACCEPT, sum, "1"), refused(RESPONSE, sum, "1"));
    assertThat(cid.hears()).isEmpty();
    second.answers(RESPONSE, sum, "1", "2");
    assertThat(cid.hears()).containsExactly(told(RESPONSE, sum, "1", "2"));
  }

  @Test
  void whenTheLastDoesNotAcceptTheCallerIsToldThat() {
    bob.provides(sum);
    cid.calls(sum, "1", null);
    rig.pass(RpcRig.ACK);
    assertThat(cid.hears()).containsExactly(failed(ACCEPT_TIMEOUT, sum, "1"));
  }

  @Test
  void timersBeginAnewWithEachProvider() {
    ann.provides(sum);
    bob.provides(sum);
    cid.calls(sum, "1", null);
    Client first = whoIsAsked(ann, bob);
    Client second = other(first, ann, bob);
    first.answers(ACCEPT, sum, "1", null);
    rig.pass(RpcRig.RESPONSE.minus(ALMOST));
    first.answers(REJECT, sum, "1", null);
    second.hears();
    rig.pass(RpcRig.ACK.minus(ALMOST));
    second.answers(ACCEPT, sum, "1", null);
    rig.pass(RpcRig.RESPONSE.minus(RpcRig.ACK));
    assertThat(cid.hears()).hasSize(2);
    rig.pass(ALMOST);
    assertThat(cid.hears()).containsExactly(failed(RESPONSE_TIMEOUT, sum, "1"));
  }

  @Test
  void anAcceptedCallWithoutAnAnswerTimesOut() {
    bob.provides(sum);
    cid.calls(sum, "1", null);
    bob.answers(ACCEPT, sum, "1", null);
    rig.pass(RpcRig.RESPONSE.minus(ALMOST));
    assertThat(cid.hears()).containsExactly(told(ACCEPT, sum, "1", null));
    rig.pass(ALMOST);
    assertThat(cid.hears()).containsExactly(failed(RESPONSE_TIMEOUT, sum, "1"));
    bob.hears();
    bob.answers(RESPONSE, sum, "1", null);
    assertThat(bob.hears()).containsExactly(refused(RESPONSE, sum, "1"));
  }

  @Test
  void withEqualTimesAnAcceptedCallYieldsTheResponseTimeout() {
    with(new RpcRules(RpcRig.ACK, RpcRig.ACK, false, false));
    bob.provides(sum);
    cid.calls(sum, "1", null);
    cid.calls(sum, "2", null);
    bob.answers(ACCEPT, sum, "1", null);
    rig.pass(RpcRig.ACK);
    assertThat(cid.hears())
        .containsExactlyInAnyOrder(
            told(ACCEPT, sum, "1", null),
            failed(RESPONSE_TIMEOUT, sum, "1"),
            failed(ACCEPT_TIMEOUT, sum, "2"));
  }

  @Test
  void aCallEndsHoweverManyProvidersAreSilent() {
    for (int i = 0; i < 100; i++) {
      rig.client(i % 2).provides(sum);
    }
    cid.calls(sum, "1", null);
    for (int i = 0; i < 10; i++) {
      rig.pass(RpcRig.ACK);
    }
    assertThat(cid.hears()).containsExactly(failed(ACCEPT_TIMEOUT, sum, "1"));
    assertThat(rig.rerouted).isEqualTo(9);
  }

  // --- sockets that end

  @Test
  void theCallsOfAProviderThatIsGoneGoOnAtOnce() {
    bob.provides(sum);
    ann.calls(sum, "1", "1");
    ann.calls(sum, "2", null);
    bob.answers(ACCEPT, sum, "2", null);
    ann.hears();
    cid.provides(sum);
    bob.leaves();
    assertThat(cid.hears()).containsExactly(asked(sum, "1", "1"));
    assertThat(ann.hears())
        .as("what was accepted may have happened")
        .containsExactly(failed(RESPONSE_TIMEOUT, sum, "2"));
    cid.leaves();
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "1"));
  }

  @Test
  void aProviderThatUnprovidedAndIsGoneStillLosesItsCalls() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    bob.unprovides(sum);
    bob.leaves();
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "1"));
  }

  @Test
  void theAnswerToACallerThatIsGoneIsSwallowed() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    bob.hears();
    ann.leaves();
    rig.pass(RpcRig.ACK);
    assertThat(rig.rpcs.open()).isZero();
    bob.answers(ACCEPT, sum, "1", null);
    bob.answers(RESPONSE, sum, "1", "1");
    assertThat(bob.hears()).isEmpty();
    bob.answers(RESPONSE, sum, "1", "1");
    assertThat(bob.hears()).containsExactly(refused(RESPONSE, sum, "1"));
    assertThat(rig.ends).containsOnlyKeys(CallEnd.ABANDONED);
  }

  @Test
  void whatNobodyWaitsForIsNotHandedOn() {
    ann.provides(sum);
    bob.provides(sum);
    cid.calls(sum, "1", null);
    cid.calls(sum, "2", null);
    cid.calls(sum, "3", null);
    rig.loops.runAll();
    cid.leaves();
    ann.answers(REJECT, sum, "1", null);
    ann.answers(REJECT, sum, "3", null);
    rig.pass(RpcRig.RESPONSE);
    assertThat(rig.rerouted).isZero();
  }

  // --- ids

  @Test
  void twoCallersMayUseTheSameId() {
    bob.provides(sum);
    ann.calls(sum, "1", "\"ann\"");
    rig.loops.runAll();
    cid.calls(sum, "1", "\"cid\"");
    List<ServerMessage> asked = bob.hears();
    assertThat(asked).hasSize(2).first().isEqualTo(asked(sum, "1", "\"ann\""));
    String second = ((RpcPush.Call) asked.get(1)).correlationId();
    assertThat(second).isNotEqualTo("1");

    bob.answers(ACCEPT, sum, second, null);
    bob.answers(RESPONSE, sum, second, "2");
    bob.answers(REQUEST_ERROR, sum, "1", "1");
    assertThat(cid.hears())
        .containsExactly(told(ACCEPT, sum, "1", null), told(RESPONSE, sum, "1", "2"));
    assertThat(ann.hears()).containsExactly(told(REQUEST_ERROR, sum, "1", "1"));
  }

  @Test
  void anIdOfOursGivesWayToTheSameIdOfACaller() {
    bob.provides(sum);
    ann.calls(sum, "~1", null);
    ann.calls(sum, "1", null);
    rig.loops.runAll();
    cid.calls(sum, "1", null);
    List<ServerMessage> asked = bob.hears();
    assertThat(asked.stream().map(each -> ((RpcPush.Call) each).correlationId()))
        .doesNotHaveDuplicates()
        .hasSize(3);
  }

  /** Else the late answer to one would be the answer to another. */
  @Test
  void anIdWhoseAnswerIsOverdueIsNotUsedAgain() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    rig.pass(RpcRig.ACK);
    assertThat(ann.hears()).hasSize(1);
    bob.hears();

    cid.calls(sum, "1", null);
    bob.answers(RESPONSE, sum, "1", "\"for ann\"");
    String id = ((RpcPush.Call) bob.hears().getFirst()).correlationId();
    assertThat(cid.hears()).isEmpty();
    bob.answers(RESPONSE, sum, id, "\"for cid\"");
    assertThat(cid.hears()).containsExactly(told(RESPONSE, sum, "1", "\"for cid\""));

    cid.calls(sum, "1", null);
    assertThat(bob.hears()).as("the late answer has come").contains(asked(sum, "1", null));
  }

  @Test
  void onlyWhoWasHandedACallMayAnswerIt() {
    bob.provides(sum);
    cid.provides(sum);
    cid.provides("other");
    ann.calls(sum, "1", null);
    Client provider = whoIsAsked(bob, cid);
    Client foreign = other(provider, bob, cid);
    for (RpcAction action : List.of(ACCEPT, RESPONSE, REQUEST_ERROR, REJECT)) {
      foreign.answers(action, sum, "1", null);
      ann.answers(action, sum, "1", null);
      assertThat(foreign.hears()).containsExactly(refused(action, sum, "1"));
      assertThat(ann.hears()).containsExactly(refused(action, sum, "1"));
    }
    provider.answers(RESPONSE, "other", "1", null);
    assertThat(provider.hears()).containsExactly(refused(RESPONSE, "other", "1"));
    provider.answers(RESPONSE, sum, "1", null);
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "1", null));
  }

  @Test
  void aSecondAcceptAndASecondAnswerAreRefused() {
    bob.provides(sum);
    ann.calls(sum, "1", null);
    bob.hears();
    bob.answers(ACCEPT, sum, "1", null);
    bob.answers(ACCEPT, sum, "1", null);
    assertThat(bob.hears()).containsExactly(failed(MULTIPLE_ACCEPT, sum, "1"));
    bob.answers(RESPONSE, sum, "1", null);
    bob.answers(RESPONSE, sum, "1", null);
    assertThat(bob.hears()).containsExactly(refused(RESPONSE, sum, "1"));
    assertThat(ann.hears()).hasSize(2);
  }

  @Test
  void aCallWithTheIdOfAnOpenOneTakesItsPlace() {
    bob.provides(sum);
    ann.calls(sum, "1", "\"old\"");
    ann.calls(sum, "1", "\"new\"");
    List<ServerMessage> asked = bob.hears();
    assertThat(asked).hasSize(2);
    bob.answers(RESPONSE, sum, "1", "\"old\"");
    assertThat(ann.hears()).isEmpty();
    bob.answers(RESPONSE, sum, ((RpcPush.Call) asked.get(1)).correlationId(), "\"new\"");
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "1", "\"new\""));
    assertThat(bob.hears()).isEmpty();
  }

  // --- limits

  @Test
  void openCallsDoNotCountAsOpenRequests() {
    bob.provides(sum);
    IntStream.range(0, 500).forEach(i -> ann.calls(sum, "" + i, null));
    rig.loops.runAll();
    assertThat(ann.subscriber.openRequests()).isZero();
    assertThat(bob.subscriber.openRequests()).isZero();
    assertThat(rig.rpcs.open()).isEqualTo(500);
  }

  @Test
  void oneSocketCannotHaveCallsOpenWithoutEnd() {
    bob.provides(sum);
    IntStream.range(0, RpcSocket.MAX_CALLS).forEach(i -> ann.calls(sum, "" + i, null));
    assertThat(ann.hears()).isEmpty();
    ann.calls(sum, "more", null);
    assertThat(ann.hears())
        .containsExactly(new RpcPush.Answer(REQUEST_ERROR, sum, "more", RpcSession.TOO_MANY_CALLS));
    bob.answers(RESPONSE, sum, "0", null);
    assertThat(ann.hears()).hasSize(1);
    ann.calls(sum, "more", null);
    assertThat(ann.hears()).isEmpty();
  }

  /** Also of callers that are gone: else who comes again and again could fill a provider. */
  @Test
  void aProviderHasOnlySoManyCallsInItsHands() {
    bob.provides(sum);
    for (int i = 0; i < Providers.MAX_OPEN / RpcSocket.MAX_CALLS; i++) {
      Client caller = rig.client(0);
      IntStream.range(0, RpcSocket.MAX_CALLS).forEach(j -> caller.calls(sum, "" + j, null));
      assertThat(caller.hears()).isEmpty();
      caller.leaves();
    }
    assertThat(bob.hears()).hasSize(Providers.MAX_OPEN);
    ann.calls(sum, "more", null);
    assertThat(ann.hears()).containsExactly(failed(NO_RPC_PROVIDER, sum, "more"));
    bob.answers(RESPONSE, sum, "0", null);
    rig.loops.runAll();
    ann.calls(sum, "more", null);
    assertThat(bob.hears()).containsExactly(asked(sum, "more", null));
  }

  @Test
  void theOpenCallsOfOneSocketCannotKeepDataWithoutEnd() {
    bob.provides(sum);
    String large = "\"" + "x".repeat(1_000_000) + "\"";
    IntStream.range(0, 17).forEach(i -> ann.calls(sum, "" + i, large));
    assertThat(ann.hears())
        .containsExactly(new RpcPush.Answer(REQUEST_ERROR, sum, "16", RpcSession.TOO_MANY_CALLS));
    bob.answers(RESPONSE, sum, "0", null);
    assertThat(ann.hears()).containsExactly(told(RESPONSE, sum, "0", null));
    ann.calls(sum, "16", large);
    assertThat(ann.hears()).isEmpty();
  }

  /** P6: of what a caller does not read only so much is kept; the rest has no answer in time. */
  @Test
  void aCallerThatDoesNotReadIsSentOnlySoMuch() {
    bob.provides(sum);
    IntStream.range(0, 20).forEach(i -> ann.calls(sum, "" + i, null));
    ann.becomesWritable(false);
    String large = "\"" + "x".repeat(1_000_000) + "\"";
    IntStream.range(0, 20).forEach(i -> bob.answers(RESPONSE, sum, "" + i, large));
    List<ServerMessage> told = ann.hears();
    assertThat(told).hasSize(20).endsWith(failed(RESPONSE_TIMEOUT, sum, "19"));
    assertThat(told.stream().filter(RpcPush.Answer.class::isInstance)).hasSize(16);
  }

  /** Ten seconds of calls that were answered at once must not leave timers behind. */
  @Test
  void callsThatHaveEndedLeaveNoTimers() {
    bob.provides(sum);
    for (int i = 0; i < 1_000; i++) {
      ann.calls(sum, "" + i, null);
      bob.answers(RESPONSE, sum, "" + i, null);
      rig.pass(Duration.ofMillis(1));
    }
    assertThat(rig.loops.timers()).isLessThanOrEqualTo(2);
  }
}
