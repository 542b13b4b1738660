package io.millrace.server.record;

import static io.millrace.protocol.RecordAction.SUBSCRIBEANDREAD;
import static io.millrace.protocol.RecordAction.SUBSCRIBECREATEANDREAD;
import static io.millrace.protocol.RecordAction.UNSUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordClient.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three clients on two loops do random things with four records while loops, grid and link run in
 * random order; changes are lost on the way, too. When all has come to rest every replica holds the
 * grid's state (P3), and on the way none saw an old state after a new one, or a hole (P2). Where
 * changes are lost nothing is removed: a client knows no lives, so it could not tell what a late
 * ack of its own was about.
 *
 * <p>Every write puts a number of its own under {@code w}, so that a state says which write it is
 * from, and the grid's history says which write was later.
 */
final class RecordInterleavingTest {
  private static final int RUNS = 300;
  private static final int STEPS = 600;

  @ParameterizedTest
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void replicasConvergeAndNeverGoBack(long seed, boolean changesAreLost) {
    Random seeds = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        new Run(new Random(each), changesAreLost).go();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L), lost: " + changesAreLost, e);
      }
    }
  }

  private static final class Run {
    private final Random random;
    private final boolean changesAreLost;
    private final RecordRig rig = new RecordRig();
    private final List<RecordName> names =
        List.of(rig.nameAt(0, "a"), rig.nameAt(0, "b"), rig.nameAt(1, "a"), rig.nameAt(1, "b"));
    private final List<Peer> peers;
    private int written;

    Run(Random random, boolean changesAreLost) {
      this.random = random;
      this.changesAreLost = changesAreLost;
      this.peers = List.of(new Peer(0, true), new Peer(1, false), new Peer(1, false));
    }

    void go() {
      for (int i = 0; i < STEPS; i++) {
        step();
        peers.forEach(Peer::listen);
      }
      comeToRest();
      for (Peer peer : peers) {
        peer.assertConverged();
        peer.client.close();
      }
      rig.settle();
      for (int i = 0; i < 4; i++) {
        rig.pass(Duration.ofSeconds(5));
      }
      assertThat(rig.messages.held()).as("frames").isEmpty();
      assertThat(names).noneMatch(rig.grid::isFollowed);
    }

    private void step() {
      List<Integer> busy = rig.loops.busy();
      int choice = random.nextInt(20);
      if (choice < 8 && !busy.isEmpty()) {
        rig.loops.runOne(busy.get(random.nextInt(busy.size())));
      } else if (choice < 11 && rig.grid.hasRequests()) {
        rig.grid.carryOutOne();
      } else if (choice < 15 && (rig.grid.hasChanges() || rig.grid.hasAnswers())) {
        FakeGrid.Arrival arrival = rig.grid.takeOldest();
        if (!isLost(arrival.change())) {
          rig.arrive(arrival);
        }
      } else if (choice == 15) {
        rig.loops.advance(Duration.ofMillis(random.nextInt(600)));
      } else if (choice == 16) {
        writeElsewhere(pick(names));
      } else {
        pick(peers).act();
      }
    }

    /** Not removals: their loss takes a comparison with the owner, which does not exist yet. */
    private boolean isLost(@Nullable RecordChange change) {
      return changesAreLost
          && change != null
          && !(change.body() instanceof RecordChange.Deleted)
          && random.nextInt(5) == 0;
    }

    private void writeElsewhere(RecordName name) {
      int id = ++written;
      var unused =
          rig.writeElsewhere(
              name,
              switch (changesAreLost ? 1 + random.nextInt(7) : random.nextInt(8)) {
                case 0 -> new RecordCommand.Remove();
                case 1 -> Cells.upsert(-1, "{\"w\":" + id + "}");
                case 2 ->
                    Cells.upsertPaths(
                        -1, Cells.set("w", "" + id), Cells.set("x." + id % 3, "" + id));
                default -> Cells.upsertPaths(-1, Cells.set("w", "" + id));
              });
    }

    private void comeToRest() {
      for (Peer peer : peers) {
        peer.client.setWritable(true);
      }
      for (int i = 0; i < 4; i++) {
        rig.pass(Duration.ofSeconds(1));
        peers.forEach(Peer::listen);
      }
      // A loss shows with the next change.
      for (RecordName name : names) {
        rig.writeElsewhere(name, Cells.upsertPaths(-1, Cells.set("w", "" + ++written)));
      }
      for (int i = 0; i < 4; i++) {
        rig.pass(Duration.ofSeconds(1));
        peers.forEach(Peer::listen);
      }
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    /** Where in the history of the record the state is from; -1 for one that says nothing of it. */
    private int age(RecordName name, JsonNode state) {
      JsonNode id = state.get("w");
      if (id == null) {
        return -1;
      }
      List<RecordChange> history = rig.grid.history();
      for (int i = 0; i < history.size(); i++) {
        RecordChange change = history.get(i);
        if (change.name().equals(name) && id.toString().equals(writeOf(change.body()))) {
          return i;
        }
      }
      throw new AssertionError("a state that never was: " + state);
    }

    private static @Nullable String writeOf(RecordChange.Body body) {
      return switch (body) {
        case RecordChange.Whole whole ->
            Json.parse(whole.data()).orElseThrow().path("w").toString();
        case RecordChange.Paths paths -> String.valueOf(textOf(paths.writes().get(0)));
        case RecordChange.Deleted() -> null;
      };
    }

    private static @Nullable String textOf(RecordChange.At at) {
      var value = at.value();
      return value == null ? null : value.text();
    }

    /** A client with its replicas. It acts when its loop gets to it. */
    private final class Peer {
      private final boolean alwaysReads;
      private final RecordRig.Client client;
      private final Map<RecordName, Integer> lastSeen = new HashMap<>();
      private final Set<RecordName> deleting = new HashSet<>();
      private final Set<String> own = new HashSet<>();

      /** Where a write outlived the subscription that it was made with. */
      private final Set<RecordName> orphaned = new HashSet<>();

      /** Where a whole state may be on its way, which makes up for what was not sent before it. */
      private final Set<RecordName> refused = new HashSet<>();

      private final List<String> heard = new ArrayList<>();
      private final RecordClient replicas = new RecordClient(this::saw);

      Peer(int loop, boolean alwaysReads) {
        this.client = rig.client(loop);
        this.alwaysReads = alwaysReads;
      }

      private void saw(RecordName name, int version, JsonNode state) {
        int age = age(name, state);
        if (changesAreLost && own.contains(state.path("w").toString())) {
          // Only this client knows of it: its node may have lost that change.
          return;
        }
        if (age >= 0) {
          assertThat(age)
              .as("%s version %d: %s; heard %s", name, version, state, heard)
              .isGreaterThanOrEqualTo(lastSeen.getOrDefault(name, -1));
          lastSeen.put(name, age);
        }
      }

      void listen() {
        for (ServerMessage message : client.take()) {
          heard.add("\n" + message);
          try {
            listen(message);
          } catch (AssertionError e) {
            throw new AssertionError("having heard " + heard, e);
          }
        }
      }

      private void listen(ServerMessage message) {
        switch (message) {
          case RecordPush.DeleteSuccess success -> {
            deleting.remove(success.name());
            forget(success.name());
          }
          case RecordPush.Deleted deleted -> {
            replicas.received(message);
            forget(deleted.name());
          }
          case RecordPush.VersionExists exists -> {
            mustKnowOfTheWinner(exists);
            refused.add(exists.name());
          }
          case RecordPush.Update update -> {
            refused.remove(update.name());
            replicas.received(update);
          }
          case RecordPush.WriteAcknowledgement ack -> {
            // It may be of a write that is older than the subscription.
            refused.add(ack.name());
            replicas.received(ack);
          }
          default -> replicas.received(message);
        }
      }

      private void forget(RecordName name) {
        Replica replica = replicas.replicas().get(name);
        if (replica != null && replica.pending != null) {
          orphaned.add(name);
        }
        replicas.unsubscribed(name);
        lastSeen.remove(name);
      }

      /** The loser of a write that is based on what it was sent knows the winner (§10.2). */
      private void mustKnowOfTheWinner(RecordPush.VersionExists exists) {
        Replica replica = replicas.replicas().get(exists.name());
        if (!alwaysReads
            || changesAreLost
            || replica == null
            || orphaned.contains(exists.name())
            || refused.contains(exists.name())
            || isOwn(exists.data())) {
          return;
        }
        RecordClient.Pending pending = replica.pending;
        if (pending != null && pending.id().equals(exists.ack().correlationId())) {
          assertThat(replica.version).isGreaterThanOrEqualTo(exists.version());
        }
      }

      private boolean isOwn(@Nullable JsonText state) {
        if (state == null) {
          return false;
        }
        JsonNode id = Json.parse(state).orElseThrow().get("w");
        return id != null && own.contains(id.toString());
      }

      void act() {
        RecordName name = pick(names);
        int choice = random.nextInt(10);
        boolean flag = random.nextBoolean();
        client.subscriber.loop().execute(() -> act(name, choice, flag));
      }

      private void act(RecordName name, int choice, boolean flag) {
        listen();
        heard.add("\n--> " + choice + " " + name);
        Replica replica = replicas.replicas().get(name);
        if (choice == 9) {
          client.subscriber.setWritable(flag || alwaysReads);
          client.session.writabilityChanged();
        } else if (client.subscriber.isBusy() || deleting.contains(name)) {
          // A session hears nothing of a client that doesn't read.
          return;
        } else if (choice == 8 && !changesAreLost) {
          deleting.add(name);
          client.session.handle(new RecordRequest.Delete(name, null));
        } else if (choice == 7 && !changesAreLost) {
          client.session.handle(new RecordRequest.Read(name));
        } else if (replica == null) {
          replicas.subscribed(name);
          bulk(flag ? SUBSCRIBECREATEANDREAD : SUBSCRIBEANDREAD, name);
        } else if (choice < 2) {
          forget(name);
          bulk(UNSUBSCRIBE, name);
        } else {
          write(name, replica);
        }
      }

      private void bulk(RecordAction action, RecordName name) {
        client.session.handle(new RecordRequest.Bulk(action, List.of(name), "1"));
      }

      private void write(RecordName name, Replica replica) {
        if (!replica.known || replica.version < 0 || replica.pending != null) {
          return;
        }
        String id = "" + ++written;
        own.add(id);
        replica.pending = new RecordClient.Pending(replica.version + 1, "w", Cells.json(id), id);
        client.session.handle(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                name,
                replica.version + 1,
                "w",
                new JsonText(id),
                new WriteAckRequest(true, id)));
      }

      void assertConverged() {
        assertThat(client.subscriber.openRequests()).as("open requests").isZero();
        assertThat(deleting).isEmpty();
        replicas
            .replicas()
            .forEach(
                (name, replica) -> {
                  RecordSnapshot state = rig.grid.state(name);
                  assertThat(replica.known).as("%s is known; heard %s", name, heard).isTrue();
                  assertThat(replica.pending).as("%s; heard %s", name, heard).isNull();
                  assertThat(replica.version)
                      .as("%s; heard %s", name, heard)
                      .isEqualTo(state.version());
                  assertThat(replica.state)
                      .as("%s; heard %s", name, heard)
                      .isEqualTo(Json.parse(state.data()).orElseThrow());
                });
      }
    }
  }
}
