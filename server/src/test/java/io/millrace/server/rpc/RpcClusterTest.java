package io.millrace.server.rpc;

import static io.millrace.protocol.RpcAction.ACCEPT;
import static io.millrace.protocol.RpcAction.ACCEPT_TIMEOUT;
import static io.millrace.protocol.RpcAction.NO_RPC_PROVIDER;
import static io.millrace.protocol.RpcAction.PROVIDE;
import static io.millrace.protocol.RpcAction.REJECT;
import static io.millrace.protocol.RpcAction.REQUEST_ERROR;
import static io.millrace.protocol.RpcAction.RESPONSE;
import static io.millrace.protocol.RpcAction.RESPONSE_TIMEOUT;
import static io.millrace.protocol.RpcAction.UNPROVIDE;
import static io.millrace.server.rpc.RpcRig.asked;
import static io.millrace.server.rpc.RpcRig.failed;
import static io.millrace.server.rpc.RpcRig.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.User;
import io.millrace.server.rpc.RpcRig.Client;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls between sockets of several nodes. */
final class RpcClusterTest {
  private static final Duration ALMOST = Duration.ofNanos(1);
  private static final String SUM = "sum";

  private RpcCluster cluster = new RpcCluster();
  private RpcRig one = cluster.start("one", 2);
  private RpcRig two = cluster.start("two", 3);
  private RpcRig three = cluster.start("three", 1);

  {
    cluster.linkAll();
  }

  private Client ann = one.client(0);
  private Client bob = two.client(1);
  private Client cid = three.client(0);

  /** Whatever happened: nothing is kept on any node. */
  @AfterEach
  void nothingIsLeft() {
    cluster.allLeave();
    cluster.pass(RpcRig.RESPONSE.multipliedBy(2).plus(Hands.HOP));
    assertThat(cluster.leftovers()).isEmpty();
  }

  private void with(RpcRules rules) {
    cluster = new RpcCluster(rules);
    one = cluster.start("one", 2);
    two = cluster.start("two", 3);
    three = cluster.start("three", 1);
    cluster.linkAll();
    ann = one.client(0);
    bob = two.client(1);
    cid = three.client(0);
  }

  private void provide(Client... clients) {
    for (Client each : clients) {
      each.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
      assertThat(hears(each)).containsExactly(new RpcPush.Ack(PROVIDE, "p"));
    }
  }

  private List<ServerMessage> hears(Client client) {
    cluster.runAll();
    return client.subscriber.take();
  }

  private Client whoIsAsked(Client... providers) {
    List<Client> asked = new ArrayList<>();
    for (Client each : providers) {
      if (hears(each).stream().anyMatch(RpcPush.Call.class::isInstance)) {
        asked.add(each);
      }
    }
    assertThat(asked).hasSize(1);
    return asked.getFirst();
  }

  @Test
  void aCallFindsTheProviderOnAnotherNodeAndTheAnswerComesBack() {
    with(new RpcRules(RpcRig.ACK, RpcRig.RESPONSE, true, true));
    JsonText data = new JsonText("{\"seat\":1}");
    Client dan = one.client(1, new User("dan", data, new JsonText("\"secret\"")));
    provide(bob);
    dan.calls(SUM, "7", "[1,2]");
    assertThat(hears(bob))
        .containsExactly(new RpcPush.Call(SUM, "7", new JsonText("[1,2]"), "dan", data));
    bob.answers(ACCEPT, SUM, "7", null);
    bob.answers(RESPONSE, SUM, "7", "3");
    assertThat(hears(dan))
        .containsExactly(told(ACCEPT, SUM, "7", null), told(RESPONSE, SUM, "7", "3"));
    ann.calls(SUM, "8", null);
    cluster.runAll();
    bob.answers(REQUEST_ERROR, SUM, "8", "\"no\"");
    assertThat(hears(ann)).containsExactly(told(REQUEST_ERROR, SUM, "8", "\"no\""));
    assertThat(one.started).isEqualTo(2);
    assertThat(one.remote).isEqualTo(2);
    assertThat(two.started).as("calls are counted where they are made").isZero();
  }

  /** And an ack that has not come yet promises nothing. */
  @Test
  void theAckOfAProviderWaitsUntilTheOtherNodesKnow() {
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
    two.loops.runAll();
    assertThat(bob.subscriber.take()).isEmpty();
    cid.calls(SUM, "1", null);
    three.loops.runAll();
    assertThat(cid.subscriber.take()).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    cluster.runAll();
    assertThat(bob.subscriber.take()).containsExactly(new RpcPush.Ack(PROVIDE, "p"));

    bob.says(new RpcRequest.Bulk(UNPROVIDE, List.of(SUM), "u"));
    two.loops.runAll();
    assertThat(bob.subscriber.take()).isEmpty();
    assertThat(hears(bob)).containsExactly(new RpcPush.Ack(UNPROVIDE, "u"));
    ann.calls(SUM, "1", null);
    one.loops.runAll();
    assertThat(ann.subscriber.take()).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
  }

  /** Else the second provider's ack would come before the first one's news. */
  @Test
  void theAckOfASecondProviderWaitsForTheNewsOfTheFirst() {
    Client bea = two.client(2);
    bob.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
    bea.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
    two.loops.runAll();
    assertThat(bob.subscriber.take()).isEmpty();
    assertThat(bea.subscriber.take()).isEmpty();
    assertThat(hears(bea)).hasSize(1);
  }

  @Test
  void thoseOnTheCallersNodeAreAskedFirst() {
    Client bea = two.client(0);
    provide(bob, ann);
    for (int i = 0; i < 3; i++) {
      bea.calls(SUM, "b" + i, null);
      assertThat(whoIsAsked(ann, bob)).isSameAs(bob);
      one.client(1).calls(SUM, "a" + i, null);
      assertThat(whoIsAsked(ann, bob)).isSameAs(ann);
    }
    bob.answers(REJECT, SUM, "b0", null);
    assertThat(whoIsAsked(ann, bob)).isSameAs(ann);
  }

  @Test
  void otherNodesTakeTurnsAndTheOneWithFewerOpenCallsIsAsked() {
    provide(bob, cid);
    ann.calls(SUM, "1", null);
    Client first = whoIsAsked(bob, cid);
    ann.calls(SUM, "2", null);
    Client second = whoIsAsked(bob, cid);
    assertThat(second).isNotSameAs(first);
    second.answers(RESPONSE, SUM, "2", null);
    cluster.runAll();
    ann.calls(SUM, "3", null);
    assertThat(whoIsAsked(bob, cid)).isSameAs(second);
  }

  @Test
  void aCallGoesThroughAllProvidersOfAllNodesOnce() {
    Client bea = two.client(0);
    List<Client> all = List.of(bob, bea, cid);
    all.forEach(this::provide);
    ann.calls(SUM, "1", "5");
    for (int i = 0; i < 3; i++) {
      Client asked = whoIsAsked(bob, bea, cid);
      asked.answers(ACCEPT, SUM, "1", null);
      asked.answers(REJECT, SUM, "1", null);
    }
    assertThat(hears(ann))
        .containsExactly(
            told(ACCEPT, SUM, "1", null),
            told(ACCEPT, SUM, "1", null),
            told(ACCEPT, SUM, "1", null),
            failed(NO_RPC_PROVIDER, SUM, "1"));
    assertThat(one.rerouted + two.rerouted + three.rerouted).isEqualTo(2);
    all.forEach(each -> assertThat(hears(each)).isEmpty());
  }

  /** A call that another node hands on is not handed back, nor to a third. */
  @Test
  void aCallDoesNotGoInCircles() {
    provide(ann, cid);
    cluster.network.cut("one", "two");
    cluster.runAll();
    provide(bob);
    Client dan = three.client(0);
    cid.unprovides(SUM);
    cluster.runAll();
    dan.calls(SUM, "1", null);
    Client first = whoIsAsked(ann, bob);
    first.answers(REJECT, SUM, "1", null);
    assertThat(whoIsAsked(ann, bob)).isNotSameAs(first);
    assertThat(two.remote + one.remote).isZero();
    assertThat(three.remote).isEqualTo(2);
  }

  // --- time

  @Test
  void aSilentProviderIsFollowedByAnotherOfItsNodeAndThenByAnotherNode() {
    Client bea = two.client(0);
    provide(bob, bea);
    ann.calls(SUM, "1", null);
    Client first = whoIsAsked(bob, bea);
    provide(cid);
    Client second = first == bob ? bea : bob;
    cluster.pass(RpcRig.ACK.minus(ALMOST));
    assertThat(hears(second)).isEmpty();
    cluster.pass(ALMOST);
    assertThat(hears(second)).hasSize(1);
    cluster.pass(RpcRig.ACK);
    assertThat(hears(cid)).containsExactly(asked(SUM, "1", null));
    cluster.pass(RpcRig.ACK);
    assertThat(hears(ann)).containsExactly(failed(ACCEPT_TIMEOUT, SUM, "1"));
  }

  /** The times begin anew with each, as they do on one node. */
  @Test
  void aSecondProviderOfANodeHasAllItsTime() {
    Client bea = two.client(0);
    provide(bob, bea);
    ann.calls(SUM, "1", null);
    Client first = whoIsAsked(bob, bea);
    first.answers(ACCEPT, SUM, "1", null);
    cluster.pass(RpcRig.RESPONSE.minus(Duration.ofSeconds(1)));
    first.answers(REJECT, SUM, "1", null);
    Client second = whoIsAsked(bob, bea);
    second.answers(ACCEPT, SUM, "1", null);
    cluster.pass(RpcRig.RESPONSE.minus(ALMOST));
    assertThat(hears(ann)).hasSize(2);
    second.answers(RESPONSE, SUM, "1", "1");
    assertThat(hears(ann)).containsExactly(told(RESPONSE, SUM, "1", "1"));
  }

  @Test
  void anAcceptedCallWithoutAnAnswerTimesOut() {
    provide(bob);
    ann.calls(SUM, "1", null);
    cluster.runAll();
    bob.answers(ACCEPT, SUM, "1", null);
    cluster.pass(RpcRig.RESPONSE);
    assertThat(hears(ann))
        .containsExactly(told(ACCEPT, SUM, "1", null), failed(RESPONSE_TIMEOUT, SUM, "1"));
  }

  /** So that however many nodes have silent providers, it ends in twice the time. */
  @Test
  void howOldACallIsGoesWithItToTheOtherNode() {
    Client ada = one.client(1);
    Client bea = two.client(0);
    provide(ada, bob, bea);
    ann.calls(SUM, "1", null);
    assertThat(whoIsAsked(ada)).isSameAs(ada);
    ada.answers(ACCEPT, SUM, "1", null);
    cluster.pass(RpcRig.RESPONSE.minus(RpcRig.ACK.dividedBy(2)));
    ada.answers(REJECT, SUM, "1", null);
    whoIsAsked(bob, bea);
    hears(ann);
    cluster.pass(RpcRig.ACK);
    assertThat(hears(ann)).containsExactly(failed(ACCEPT_TIMEOUT, SUM, "1"));
    assertThat(hears(bob)).isEmpty();
    assertThat(hears(bea)).isEmpty();
  }

  /** It is there for its links, but says nothing: as one that is paused. */
  @Test
  void aNodeThatIsSilentIsLeftForTheNext() {
    provide(bob);
    ann.calls(SUM, "1", null);
    one.loops.runAll();
    one.loops.advance(RpcRig.ACK.plus(Hands.HOP).minus(ALMOST));
    one.loops.runAll();
    assertThat(ann.subscriber.take()).isEmpty();
    one.loops.advance(ALMOST);
    one.loops.runAll();
    assertThat(ann.subscriber.take()).containsExactly(failed(ACCEPT_TIMEOUT, SUM, "1"));
    cluster.runAll();
    bob.answers(RESPONSE, SUM, "1", "1");
    assertThat(hears(ann)).as("too late").isEmpty();
  }

  // --- who goes

  @Test
  void theCallsOfANodeThatIsGoneGoOnAtOnce() {
    provide(bob);
    ann.calls(SUM, "1", "1");
    ann.calls(SUM, "2", null);
    cluster.runAll();
    bob.answers(ACCEPT, SUM, "2", null);
    hears(ann);
    provide(cid);
    cluster.crash("two");
    assertThat(hears(cid)).containsExactly(asked(SUM, "1", "1"));
    assertThat(hears(ann))
        .as("what was accepted may have happened")
        .containsExactly(failed(RESPONSE_TIMEOUT, SUM, "2"));
    cluster.crash("three");
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
  }

  @Test
  void theCallsOfAProviderOnAnotherNodeThatIsGoneGoOnAtOnce() {
    Client bea = two.client(0);
    provide(bob);
    ann.calls(SUM, "1", null);
    ann.calls(SUM, "2", null);
    ann.calls(SUM, "3", null);
    cluster.runAll();
    bob.answers(ACCEPT, SUM, "2", null);
    hears(ann);
    provide(bea);
    bob.leaves();
    assertThat(hears(bea)).containsExactlyInAnyOrder(asked(SUM, "1", null), asked(SUM, "3", null));
    assertThat(hears(ann)).containsExactly(failed(RESPONSE_TIMEOUT, SUM, "2"));
    bea.answers(ACCEPT, SUM, "1", null);
    bea.leaves();
    assertThat(hears(ann))
        .containsExactlyInAnyOrder(
            told(ACCEPT, SUM, "1", null),
            failed(RESPONSE_TIMEOUT, SUM, "1"),
            failed(NO_RPC_PROVIDER, SUM, "3"));
  }

  @Test
  void whatACallerOnAnotherNodeWaitsForNoLongerIsHandedToNobodyElse() {
    Client bea = two.client(0);
    provide(bob, bea);
    ann.calls(SUM, "1", null);
    Client first = whoIsAsked(bob, bea);
    ann.leaves();
    cluster.runAll();
    first.answers(REJECT, SUM, "1", null);
    assertThat(hears(bob)).isEmpty();
    assertThat(hears(bea)).isEmpty();
    assertThat(one.ends).containsOnlyKeys(CallEnd.ABANDONED);
    assertThat(two.ends).isEmpty();
  }

  @Test
  void afterABreakTheProvidersOfBothSidesAreKnownAgain() {
    provide(ann, bob);
    cluster.network.cut("one", "two");
    cluster.runAll();
    bob.unprovides(SUM);
    Client bea = two.client(0);
    bea.says(new RpcRequest.Bulk(PROVIDE, List.of("other"), "p"));
    assertThat(hears(bea)).hasSize(1);
    bea.calls(SUM, "1", null);
    assertThat(hears(bea)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));

    cluster.network.link("one", "two");
    cluster.runAll();
    bea.calls(SUM, "2", null);
    assertThat(hears(ann)).containsExactly(asked(SUM, "2", null));
    ann.calls("other", "3", null);
    assertThat(hears(bea)).containsExactly(asked("other", "3", null));
  }

  /** Though it is another stream, the sockets behind it are the same. */
  @Test
  void afterABreakACallIsNotHandedToTheSameNodeAgain() {
    provide(bob);
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
    cluster.network.cut("one", "two");
    cluster.network.link("one", "two");
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    assertThat(hears(bob)).isEmpty();
    bob.answers(RESPONSE, SUM, "1", "1");
    assertThat(hears(ann)).isEmpty();
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
  }

  /** What it was asked on the stream that has ended it has given up, and it can tell nobody. */
  @Test
  void whenTheStreamToANodeBeginsAnewWhatItHadInItsHandsGoesOn() {
    provide(bob);
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
    provide(cid);
    cluster.network.cutOneWay("one", "two");
    assertThat(hears(cid)).isEmpty();
    cluster.network.link("one", "two");
    assertThat(hears(cid)).containsExactly(asked(SUM, "1", null));
    ann.calls(SUM, "2", null);
    assertThat(hears(bob)).as("it is known still").hasSize(1);
  }

  @Test
  void aNodeThatCannotBeSentToIsPassedOverAtOnce() {
    provide(bob);
    cluster.network.cutOneWay("one", "two");
    ann.calls(SUM, "1", null);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    provide(cid);
    ann.calls(SUM, "2", null);
    ann.calls(SUM, "3", null);
    assertThat(hears(cid)).hasSize(2);
  }

  /** It does not know who else there is, and what it is told goes to nobody. */
  @Test
  void aNodeThatIsNotHeardOfAnyMoreIsAskedForNothingAndGivesUpWhatItHas() {
    Client bea = two.client(2);
    provide(bob, cid);
    cid.unprovides(SUM);
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
    cluster.network.cutOneWay("two", "one");
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    provide(bea);
    bob.answers(REJECT, SUM, "1", null);
    assertThat(hears(bea)).as("nobody waits any more").isEmpty();
    ann.calls(SUM, "2", null);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "2"));
  }

  /** That loop takes it for lost, and goes on to the next. */
  @Test
  void whatALoopHandsOnBeforeItKnowsOfTheNewStreamIsNotServed() {
    provide(bob, cid);
    cluster.network.cut("one", "two");
    cluster.network.link("one", "two");
    cluster.network.cut("one", "three");
    // Behind it in the queue is that the streams have ended.
    callBeforeAllElse();
    assertThat(cluster.network.busy()).contains("one>two");
    cluster.network.link("one", "three");
    cluster.runAll();
    assertThat(hears(bob)).isEmpty();
  }

  /** Else what it hands on then were served, and taken for lost by what it is yet to do. */
  @Test
  void aLoopDoesNotBeginForAStreamThatHasAnotherAfterIt() {
    provide(bob);
    for (int i = 0; i < 2; i++) {
      cluster.network.cutOneWay("one", "two");
      cluster.network.link("one", "two");
    }
    one.loops.runOne(one.loops.all().home(SUM).index());
    callBeforeAllElse();
    assertThat(hears(bob)).isEmpty();
    assertThat(one.ends).containsOnlyKeys(CallEnd.NO_PROVIDER);
  }

  /** Before all that waits on the name's home loop at the first node. */
  private void callBeforeAllElse() {
    EventLoop home = one.loops.all().home(SUM);
    RpcCall call = new RpcCall(new Nobody(), new RpcCall.Key(SUM, "1"), "1", null, null, null);
    one.loops.runFirst(home.index(), () -> one.rpcs.shard(home).request(call, 0));
  }

  /** Waits for a call and does not care what becomes of it. */
  private static final class Nobody implements Requester {
    @Override
    public boolean isLocal() {
      return true;
    }

    @Override
    public void accepted(RpcCall call) {}

    @Override
    public void handedOn(RpcCall call) {}

    @Override
    public void ended(RpcCall call, @Nullable RpcPush last) {}
  }

  // --- withdrawal

  @Test
  void aNodeThatWithdrawsIsAskedByItsOwnCallersOnlyAndFinishesWhatItHas() {
    Client bea = two.client(0);
    provide(bob);
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
    List<String> done = new ArrayList<>();
    two.rpcs.withdraw(() -> done.add("done"));
    two.loops.runAll();
    assertThat(done).isEmpty();
    cluster.runAll();
    assertThat(done).containsExactly("done");

    ann.calls(SUM, "2", null);
    assertThat(hears(bob)).isEmpty();
    bea.calls(SUM, "3", null);
    assertThat(hears(bob)).containsExactly(asked(SUM, "3", null));
    bob.answers(RESPONSE, SUM, "1", "1");
    assertThat(hears(ann)).containsExactly(told(RESPONSE, SUM, "1", "1"));
    cluster.pass(RpcRig.ACK);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "2"));
  }

  /** P8: all providers of a name may be on the node that leaves, and be away for a moment. */
  @Test
  void callsWaitForProvidersThatAreSentElsewhere() {
    Client bea = two.client(0);
    provide(bob);
    two.rpcs.withdraw(() -> {});
    ann.calls(SUM, "1", null);
    bob.leaves();
    bea.calls(SUM, "2", null);
    cid.calls(SUM, "3", null);
    cid.leaves();
    cluster.pass(RpcRig.ACK.minus(ALMOST));
    assertThat(hears(ann)).isEmpty();
    assertThat(hears(bea)).isEmpty();

    Client back = three.client(0);
    back.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
    cluster.runAll();
    List<ServerMessage> heard = back.subscriber.take();
    assertThat(heard).filteredOn(RpcPush.Call.class::isInstance).hasSize(2);
    back.answers(RESPONSE, SUM, "1", "1");
    back.answers(RESPONSE, SUM, "2", "2");
    assertThat(hears(ann)).containsExactly(told(RESPONSE, SUM, "1", "1"));
    assertThat(hears(bea)).containsExactly(told(RESPONSE, SUM, "2", "2"));
  }

  @Test
  void aCallThatTheLeavingNodeGivesBackWaitsToo() {
    provide(bob);
    ann.calls(SUM, "1", null);
    assertThat(hears(bob)).hasSize(1);
    two.rpcs.withdraw(() -> {});
    cluster.runAll();
    bob.leaves();
    cluster.runAll();
    assertThat(ann.subscriber.take()).isEmpty();
    cid.says(new RpcRequest.Bulk(PROVIDE, List.of(SUM), "p"));
    assertThat(hears(cid)).contains(asked(SUM, "1", null));
    cid.answers(RESPONSE, SUM, "1", "1");
    assertThat(hears(ann)).containsExactly(told(RESPONSE, SUM, "1", "1"));
  }

  /** One that unprovides, or whose node is lost, is not coming back. */
  @Test
  void nobodyWaitsForProvidersThatHaveGone() {
    Client bea = two.client(2);
    provide(bob);
    bob.says(new RpcRequest.Bulk(UNPROVIDE, List.of(SUM), "u"));
    cluster.runAll();
    ann.calls(SUM, "1", null);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    provide(bea);
    cluster.crash("two");
    cluster.runAll();
    ann.calls(SUM, "2", null);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "2"));
  }

  @Test
  void aNodeThatHasWithdrawnTellsNobodyOfItsProvidersAnyMore() {
    two.rpcs.withdraw(() -> {});
    provide(bob);
    cluster.network.cut("one", "two");
    cluster.network.link("one", "two");
    cluster.runAll();
    ann.calls(SUM, "1", null);
    cid.calls(SUM, "1", null);
    assertThat(hears(ann)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    assertThat(hears(cid)).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
  }

  // --- limits

  /** P6: what a node has in its hands is kept there and here. */
  @Test
  void oneNodeIsHandedOnlySoMuchData() {
    provide(bob);
    String large = "\"" + "x".repeat(8_000_000) + "\"";
    int fit = RpcNode.MAX_DATA / 8_000_002;
    List<Client> callers = IntStream.rangeClosed(0, fit).mapToObj(i -> one.client(0)).toList();
    callers.forEach(each -> each.calls(SUM, "1", large));
    assertThat(hears(callers.getLast())).containsExactly(failed(NO_RPC_PROVIDER, SUM, "1"));
    assertThat(hears(bob)).hasSize(fit);
    callers.getFirst().leaves();
    cluster.runAll();
    callers.getLast().calls(SUM, "2", large);
    assertThat(hears(bob)).hasSize(1);
  }
}
