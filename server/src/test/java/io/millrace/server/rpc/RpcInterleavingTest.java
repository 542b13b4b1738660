package io.millrace.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.server.rpc.RpcCall.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sockets on two loops provide, call, accept, answer, reject, stay silent, read slowly, answer late
 * and what is not theirs, leave and come anew, while loops run in random order and time passes in
 * jumps. All callers use the same few ids. However it comes, every call ends exactly once for who
 * made it, with its own answer if with one; each provider is asked at most once for a call; and in
 * the end nothing is left.
 *
 * <p>Every call has a number of its own as its data, and every answer says which call it is for.
 */
final class RpcInterleavingTest {
  private static final int RUNS = 400;
  private static final int STEPS = 800;
  private static final List<String> IDS = List.of("1", "2", "3");

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void callsEndOnceWithTheirOwnAnswer(long seed, boolean idsAreReused) {
    Random seeds = new Random(seed);
    Tally tally = new Tally();
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        new Run(new Random(each), idsAreReused, tally).go();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L), reused: " + idsAreReused, e);
      }
    }
    tally.assertAllWasSeen();
  }

  /** A random test that never gets to the rare cases would prove nothing. */
  private static final class Tally {
    private final Map<CallEnd, Integer> ends = new HashMap<>();
    private int rerouted;
    private int renamed;
    private int refused;

    void assertAllWasSeen() {
      assertThat(ends).containsOnlyKeys(CallEnd.values());
      assertThat(ends.values()).allMatch(count -> count > RUNS);
      assertThat(rerouted).isGreaterThan(RUNS);
      assertThat(renamed).isGreaterThan(RUNS);
      assertThat(refused).isGreaterThan(RUNS);
    }
  }

  private static final class Run {
    private final Random random;
    private final boolean idsAreReused;
    private final Tally tally;
    private final RpcRig rig = new RpcRig();
    private final List<String> names =
        List.of(rig.nameAt(0, "a"), rig.nameAt(1, "b"), rig.nameAt(1, "c"));
    private final List<Peer> peers = new ArrayList<>();
    private final Map<Integer, Key> madeAs = new HashMap<>();
    private int made;

    Run(Random random, boolean idsAreReused, Tally tally) {
      this.random = random;
      this.idsAreReused = idsAreReused;
      this.tally = tally;
    }

    void go() {
      for (int i = 0; i < 6; i++) {
        peers.add(new Peer(i));
      }
      for (int i = 0; i < STEPS; i++) {
        step();
        peers.forEach(Peer::listen);
      }
      comeToRest();
    }

    private void step() {
      List<Integer> busy = rig.loops.busy();
      int choice = random.nextInt(26);
      if (choice < 16 && !busy.isEmpty()) {
        rig.loops.runOne(busy.get(random.nextInt(busy.size())));
      } else if (choice == 16) {
        rig.loops.advance(Duration.ofMillis(random.nextInt(2_000)));
      } else if (choice == 17 && random.nextInt(4) == 0) {
        int leaving = random.nextInt(peers.size());
        peers.get(leaving).client.leaves();
        peers.set(leaving, new Peer(leaving));
      } else {
        pick(peers).act();
      }
    }

    private void comeToRest() {
      for (int i = 0; i < 3; i++) {
        rig.pass(RpcRig.RESPONSE);
        peers.forEach(Peer::listen);
      }
      peers.forEach(Peer::assertNothingIsOpen);
      assertThat(rig.rpcs.open()).isZero();
      assertThat(rig.ended()).isEqualTo(rig.started);
      rig.clients.forEach(client -> assertThat(client.subscriber.openRequests()).isZero());
      peers.forEach(peer -> peer.client.leaves());
      rig.loops.runAll();
      assertThat(rig.isEmpty()).isTrue();
      assertThat(rig.loops.timers()).isZero();
      rig.ends.forEach((end, count) -> tally.ends.merge(end, count, Integer::sum));
      tally.rerouted += rig.rerouted;
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    /** A client. The last one provides nothing, and answers what it was never asked. */
    private final class Peer {
      private final RpcRig.Client client;
      private final boolean stranger;
      private final Set<String> provided = new HashSet<>();

      /** Calls by name and id that have had no end; several only where ids are reused. */
      private final Map<Key, List<Integer>> open = new HashMap<>();

      private final Set<Integer> asked = new HashSet<>();

      /** What it was asked and has not finished, whoever may have run out of patience. */
      private final List<RpcPush.Call> inHand = new ArrayList<>();

      Peer(int index) {
        this.client = rig.client(index % 2);
        this.stranger = index == 5;
      }

      void act() {
        switch (random.nextInt(stranger ? 3 : 8)) {
          case 0, 1 -> call();
          case 2 -> {
            if (stranger) {
              client.answers(anyAnswer(), pick(names), pick(IDS), null);
            } else {
              client.becomesWritable(random.nextBoolean());
            }
          }
          case 3 -> provideOrNot();
          default -> answer();
        }
      }

      private RpcAction anyAnswer() {
        return pick(
            List.of(
                RpcAction.ACCEPT, RpcAction.RESPONSE, RpcAction.REQUEST_ERROR, RpcAction.REJECT));
      }

      private void call() {
        Key key = new Key(pick(names), pick(IDS));
        List<Integer> same = open.computeIfAbsent(key, unknown -> new ArrayList<>());
        if (same.isEmpty() || idsAreReused) {
          same.add(++made);
          madeAs.put(made, key);
          client.calls(key.name(), key.id(), "" + made);
        }
      }

      private void provideOrNot() {
        String name = pick(names);
        boolean provides = provided.add(name);
        if (!provides && random.nextBoolean()) {
          return;
        }
        if (!provides) {
          provided.remove(name);
        }
        client.says(
            new RpcRequest.Bulk(
                provides ? RpcAction.PROVIDE : RpcAction.UNPROVIDE, List.of(name), "0"));
      }

      private void answer() {
        if (inHand.isEmpty()) {
          return;
        }
        RpcPush.Call call = pick(inHand);
        RpcAction action = anyAnswer();
        if (action != RpcAction.ACCEPT) {
          inHand.remove(call);
        }
        client.answers(action, call.name(), call.correlationId(), text(call));
      }

      void listen() {
        for (ServerMessage message : client.subscriber.take()) {
          switch ((RpcPush) message) {
            case RpcPush.Call call -> asked(call);
            case RpcPush.Answer answer when answer.action() == RpcAction.ACCEPT -> {}
            case RpcPush.Answer answer -> answered(answer);
            case RpcPush.Failure failure -> failed(failure);
            case RpcPush.Ack ack -> {}
            case RpcPush.MultipleProviders multiple -> throw new AssertionError(multiple);
          }
        }
      }

      private void asked(RpcPush.Call call) {
        int number = Integer.parseInt(text(call));
        assertThat(asked.add(number)).as("asked once for %s", number).isTrue();
        assertThat(stranger).isFalse();
        inHand.add(call);
        Key key = Objects.requireNonNull(madeAs.get(number));
        assertThat(call.name()).isEqualTo(key.name());
        if (!call.correlationId().equals(key.id())) {
          tally.renamed++;
        }
      }

      private void answered(RpcPush.Answer answer) {
        int number = Integer.parseInt(Objects.requireNonNull(answer.data()).text());
        Key key = new Key(answer.name(), answer.correlationId());
        List<Integer> waiting = open.getOrDefault(key, List.of());
        assertThat(waiting).as("waits for %s", key).contains(number);
        // What it made before under the same id has lost its place.
        waiting.removeIf(each -> each <= number);
      }

      private void failed(RpcPush.Failure failure) {
        Key key =
            new Key(
                Objects.requireNonNull(failure.name()),
                Objects.requireNonNull(failure.correlationId()));
        switch (failure.action()) {
          case NO_RPC_PROVIDER, ACCEPT_TIMEOUT, RESPONSE_TIMEOUT -> {
            List<Integer> waiting = open.getOrDefault(key, List.of());
            assertThat(waiting).as("waits for %s", key).isNotEmpty();
            waiting.removeFirst();
          }
          case INVALID_RPC_CORRELATION_ID -> tally.refused++;
          case MULTIPLE_ACCEPT -> assertThat(stranger).isFalse();
          default -> throw new AssertionError(failure);
        }
      }

      /** Where ids are reused, only the last call of an id is sure to be told its end. */
      void assertNothingIsOpen() {
        if (!idsAreReused) {
          assertThat(open.values()).allMatch(List::isEmpty);
        }
      }
    }

    private static String text(RpcPush.Call call) {
      return Objects.requireNonNull(call.data()).text();
    }
  }
}
