package io.millrace.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.server.rpc.RpcCall.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sockets on three nodes provide, call, accept, answer, reject, stay silent, answer late and end,
 * while links are cut and mended, nodes die and others come, loops run and messages arrive in
 * random order, and time passes in jumps. However it comes:
 *
 * <ul>
 *   <li>every call ends exactly once for who made it, with its own answer if with one, and within
 *       the bounded time;
 *   <li>each provider is asked at most once for a call;
 *   <li>nobody is asked while another may be at work, unless that one was silent for the time it
 *       had, or was out of reach; and nobody after the caller was told that another has accepted;
 *   <li>when the links are whole, callers on every node find a provider if there is one anywhere;
 *   <li>in the end nothing is left on any node.
 * </ul>
 */
final class RpcClusterInterleavingTest {
  private static final int RUNS = 300;
  private static final int STEPS = 1_500;
  private static final List<String> IDS = List.of("1", "2", "3");

  private static final List<RpcAction> ANSWERS =
      List.of(
          RpcAction.ACCEPT,
          RpcAction.RESPONSE,
          RpcAction.REQUEST_ERROR,
          RpcAction.REJECT,
          RpcAction.REJECT);

  /** Handed on for the last time when just not too old, to a node that then says nothing. */
  private static final Duration LONGEST = RpcRig.RESPONSE.multipliedBy(2).plus(Hands.HOP);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void callsEndOnceWithTheirOwnAnswerWhateverBreaks(long seed) {
    Random seeds = new Random(seed);
    Tally tally = new Tally();
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        new Run(new Random(each), tally).go();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L)", e);
      }
    }
    tally.assertAllWasSeen();
  }

  /** A random test that never gets to the rare cases would prove nothing. */
  private static final class Tally {
    private final Map<CallEnd, Integer> ends = new EnumMap<>(CallEnd.class);
    private int rerouted;
    private int remote;
    private int answeredByOthers;
    private int sharedAtRisk;

    void assertAllWasSeen() {
      assertThat(ends).containsOnlyKeys(CallEnd.values());
      assertThat(ends.values()).allMatch(count -> count > RUNS);
      assertThat(rerouted).isGreaterThan(RUNS);
      assertThat(remote).isGreaterThan(RUNS);
      assertThat(answeredByOthers).isGreaterThan(RUNS);
      assertThat(sharedAtRisk).isGreaterThan(RUNS / 10);
    }
  }

  /** What is known of a call by who looks from outside. */
  private static final class Made {
    final Key key;
    final String node;
    final long atNs;
    final int atStep;

    /** Who was asked and has not said the last word, and is there. */
    final List<Peer> atWork = new ArrayList<>();

    int accepts;
    int rejects;

    Made(Key key, String node, long atNs, int atStep) {
      this.key = key;
      this.node = node;
      this.atNs = atNs;
      this.atStep = atStep;
    }
  }

  /** A client. */
  private static final class Peer {
    final String node;
    final RpcRig.Client client;
    final Set<String> provided = new HashSet<>();

    /** The calls that have had no end. */
    final Map<Key, Integer> open = new HashMap<>();

    final Set<Integer> asked = new HashSet<>();

    /** What it was asked and has not finished, whoever may have run out of patience. */
    final List<RpcPush.Call> inHand = new ArrayList<>();

    Peer(String node, RpcRig.Client client) {
      this.node = node;
      this.client = client;
    }
  }

  private static final class Run {
    private final Random random;
    private final Tally tally;
    private final RpcCluster cluster = new RpcCluster();
    private final List<String> names = List.of("a", "b", "c");
    private final List<Peer> peers = new ArrayList<>();
    private final List<Made> made = new ArrayList<>();

    /** By pair of nodes, the step of its last cut. */
    private final Map<Set<String>, Integer> cuts = new HashMap<>();

    private long nowNs;
    private int step;
    private int started;

    Run(Random random, Tally tally) {
      this.random = random;
      this.tally = tally;
    }

    void go() {
      for (int i = 0; i < 3; i++) {
        startNode();
      }
      for (step = 1; step <= STEPS; step++) {
        step();
        peers.forEach(this::listen);
      }
      comeToRest();
      whoeverProvidesIsFoundFromEverywhere();
      cluster.allLeave();
      cluster.pass(LONGEST);
      assertThat(cluster.leftovers()).isEmpty();
      cluster.nodes.values().forEach(this::count);
    }

    private void startNode() {
      String name = "node-" + ++started;
      RpcRig rig = cluster.start(name, 1 + started % 3);
      rig.loops.advance(Duration.ofNanos(nowNs));
      for (String other : cluster.nodes.keySet()) {
        if (!other.equals(name)) {
          cluster.network.link(name, other);
        }
      }
      for (int i = 0; i < 2; i++) {
        peers.add(newPeer(name));
      }
    }

    private Peer newPeer(String node) {
      RpcRig rig = cluster.node(node);
      return new Peer(node, rig.client(random.nextInt(rig.loops.all().count())));
    }

    private void step() {
      int choice = random.nextInt(100);
      if (choice < 50) {
        runOneLoop();
      } else if (choice < 86) {
        List<String> busy = cluster.network.busy();
        if (!busy.isEmpty()) {
          cluster.network.deliverOne(pick(busy));
        }
      } else if (choice == 86) {
        advance(Duration.ofMillis(random.nextInt(600)));
      } else if (choice == 87 && random.nextInt(3) == 0) {
        leave(random.nextInt(peers.size()));
      } else if (choice == 88) {
        cutOrLink();
      } else if (choice == 89 && random.nextInt(12) == 0) {
        crash();
      } else {
        for (int i = 0; i < 3; i++) {
          answer(pick(peers));
        }
        act(pick(peers));
      }
    }

    private void runOneLoop() {
      RpcRig rig = cluster.node(anyNode());
      List<Integer> busy = rig.loops.busy();
      if (!busy.isEmpty()) {
        rig.loops.runOne(pick(busy));
      }
    }

    private void advance(Duration duration) {
      nowNs += duration.toNanos();
      cluster.nodes.values().forEach(rig -> rig.loops.advance(duration));
    }

    private void leave(int index) {
      Peer peer = peers.get(index);
      peer.client.leaves();
      gone(peer);
      peers.set(index, newPeer(peer.node));
    }

    private void gone(Peer peer) {
      made.forEach(each -> each.atWork.remove(peer));
    }

    private void cutOrLink() {
      String one = anyNode();
      String other = anyNode();
      if (!one.equals(other)) {
        if (random.nextInt(3) > 0) {
          if (random.nextBoolean()) {
            cluster.network.cut(one, other);
          } else {
            cluster.network.cutOneWay(one, other);
          }
          cuts.put(Set.of(one, other), step);
        }
        if (random.nextInt(3) > 0) {
          cluster.network.link(one, other);
        }
      }
    }

    private void crash() {
      String dead = anyNode();
      count(cluster.node(dead));
      cluster.crash(dead);
      peers.stream().filter(peer -> peer.node.equals(dead)).forEach(this::gone);
      peers.removeIf(peer -> peer.node.equals(dead));
      startNode();
    }

    private void count(RpcRig rig) {
      rig.ends.forEach((end, count) -> tally.ends.merge(end, count, Integer::sum));
      tally.rerouted += rig.rerouted;
      tally.remote += rig.remote;
    }

    private void act(Peer peer) {
      if (random.nextInt(3) == 0) {
        provideOrNot(peer);
      } else {
        call(peer);
      }
    }

    private void call(Peer peer) {
      Key key = new Key(pick(names), pick(IDS));
      if (!peer.open.containsKey(key)) {
        call(peer, key);
      }
    }

    private void call(Peer peer, Key key) {
      peer.open.put(key, made.size());
      peer.client.calls(key.name(), key.id(), "" + made.size());
      made.add(new Made(key, peer.node, nowNs, step));
    }

    private void provideOrNot(Peer peer) {
      String name = pick(names);
      boolean provides = peer.provided.add(name);
      if (!provides && random.nextBoolean()) {
        return;
      }
      if (!provides) {
        peer.provided.remove(name);
      }
      peer.client.says(
          new RpcRequest.Bulk(
              provides ? RpcAction.PROVIDE : RpcAction.UNPROVIDE, List.of(name), "0"));
    }

    private void answer(Peer peer) {
      if (peer.inHand.isEmpty()) {
        return;
      }
      RpcPush.Call call = pick(peer.inHand);
      int number = number(call);
      // Some are accepted by everybody and answered by nobody.
      RpcAction action = number % 7 == 0 ? RpcAction.ACCEPT : pick(ANSWERS);
      if (action != RpcAction.ACCEPT) {
        peer.inHand.remove(call);
        made.get(number).atWork.remove(peer);
      }
      if (action == RpcAction.REJECT) {
        made.get(number).rejects++;
      }
      peer.client.answers(action, call.name(), call.correlationId(), "" + number);
    }

    private void listen(Peer peer) {
      for (ServerMessage message : peer.client.subscriber.take()) {
        switch ((RpcPush) message) {
          case RpcPush.Call call -> asked(peer, call);
          case RpcPush.Answer answer when answer.action() == RpcAction.ACCEPT ->
              made.get(waiting(peer, answer.name(), answer.correlationId())).accepts++;
          case RpcPush.Answer answer -> {
            int number = waiting(peer, answer.name(), answer.correlationId());
            assertThat(Objects.requireNonNull(answer.data()).text()).isEqualTo("" + number);
            peer.open.remove(made.get(number).key);
            tally.answeredByOthers += peer.asked.contains(number) ? 0 : 1;
          }
          case RpcPush.Failure failure -> failed(peer, failure);
          case RpcPush.Ack ack -> {}
          case RpcPush.MultipleProviders multiple -> throw new AssertionError(multiple);
        }
      }
    }

    private static int waiting(Peer peer, String name, String id) {
      Integer number = peer.open.get(new Key(name, id));
      assertThat(number).as("waits for %s %s", name, id).isNotNull();
      return Objects.requireNonNull(number);
    }

    private void failed(Peer peer, RpcPush.Failure failure) {
      switch (failure.action()) {
        case NO_RPC_PROVIDER, ACCEPT_TIMEOUT, RESPONSE_TIMEOUT -> {
          int number =
              waiting(
                  peer,
                  Objects.requireNonNull(failure.name()),
                  Objects.requireNonNull(failure.correlationId()));
          peer.open.remove(made.get(number).key);
        }
        case INVALID_RPC_CORRELATION_ID, MULTIPLE_ACCEPT -> {}
        default -> throw new AssertionError(failure);
      }
    }

    private void asked(Peer peer, RpcPush.Call call) {
      int number = number(call);
      assertThat(peer.asked.add(number)).as("asked once for %s", number).isTrue();
      Made what = made.get(number);
      assertThat(call.name()).isEqualTo(what.key.name());
      // Who is asked late may have been given up before another has accepted.
      assertThat(what.accepts <= what.rejects || hadItsTime(what) || wasCut(what, peer))
          .as("%s is asked for %s, which another has accepted", peer.node, number)
          .isTrue();
      for (Peer other : what.atWork) {
        assertThat(hadItsTime(what) || wasCut(what, other) || wasCut(what, peer))
            .as("%s is asked for %s while %s is at work", peer.node, number, other.node)
            .isTrue();
        tally.sharedAtRisk++;
      }
      what.atWork.add(peer);
      peer.inHand.add(call);
    }

    private boolean hadItsTime(Made what) {
      return nowNs - what.atNs >= RpcRig.ACK.toNanos();
    }

    private boolean wasCut(Made what, Peer provider) {
      return !what.node.equals(provider.node)
          && cuts.getOrDefault(Set.of(what.node, provider.node), 0) >= what.atStep;
    }

    private void comeToRest() {
      cluster.runAll();
      peers.forEach(this::listen);
      Duration tick = Duration.ofMillis(250);
      for (Duration left = LONGEST; left.isPositive(); left = left.minus(tick)) {
        advance(tick);
        cluster.runAll();
        peers.forEach(this::listen);
      }
      peers.forEach(peer -> assertThat(peer.open).isEmpty());
    }

    private void whoeverProvidesIsFoundFromEverywhere() {
      cluster.linkAll();
      cluster.runAll();
      for (String node : cluster.nodes.keySet()) {
        for (String name : names) {
          Peer caller = newPeer(node);
          call(caller, new Key(name, "last"));
          cluster.runAll();
          List<ServerMessage> heard = caller.client.subscriber.take();
          boolean exists = peers.stream().anyMatch(peer -> peer.provided.contains(name));
          assertThat(heard.isEmpty()).as("%s found from %s", name, node).isEqualTo(exists);
          peers.forEach(this::listen);
        }
      }
    }

    private String anyNode() {
      return pick(List.copyOf(cluster.nodes.keySet()));
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private static int number(RpcPush.Call call) {
      return Integer.parseInt(Objects.requireNonNull(call.data()).text());
    }
  }
}
