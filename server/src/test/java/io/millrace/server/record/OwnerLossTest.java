package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Owners die with changes that they have published to some and that nobody has a copy of. Two nodes
 * with two clients each write to three records meanwhile. No version of a record ever has two
 * values, for a subscriber versions grow, what was acknowledged is there, and in the end all hold
 * what the grid holds.
 */
final class OwnerLossTest {
  private static final int RUNS = 200;
  private static final int STEPS = 500;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodyStaysWithWhatOnlyTheDeadOwnerHad(long seed) {
    Random seeds = new Random(seed);
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        new Run(new Random(each)).go();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L)", e);
      }
    }
  }

  /** Some run in which nothing was lost proves nothing. */
  @Test
  void recordsAreRepairedInSomeOfThem() {
    int repaired = 0;
    for (int run = 0; run < 20; run++) {
      Run each = new Run(new Random(run));
      each.go();
      repaired += each.one.repaired + each.two.repaired;
    }
    assertThat(repaired).isPositive();
  }

  private static final class Run {
    private final Random random;
    private final FakeGrid grid = new FakeGrid();
    private final RecordRig one = new RecordRig("node-1", grid);
    private final RecordRig two = new RecordRig("node-2", grid);
    private final List<RecordRig> rigs = List.of(one, two);
    private final List<RecordName> names =
        List.of(one.nameAt(0, "a"), one.nameAt(0, "b"), one.nameAt(1, "a"));
    private final List<Peer> peers = new ArrayList<>();

    /** What a version was seen to be, by record and version. */
    private final Map<String, String> values = new HashMap<>();

    private final Set<String> acknowledged = new HashSet<>();
    private final Set<String> lost = new HashSet<>();
    private int written;

    Run(Random random) {
      this.random = random;
      grid.copyWhenTold();
      for (RecordRig rig : rigs) {
        peers.add(new Peer(rig, 0));
        peers.add(new Peer(rig, 1));
      }
    }

    void go() {
      peers.forEach(Peer::subscribe);
      settle();
      for (int i = 0; i < STEPS; i++) {
        step();
        peers.forEach(Peer::listen);
      }
      comeToRest();
      for (RecordName name : names) {
        RecordSnapshot state = grid.state(name);
        saw(name, state.version(), state.data().text());
        for (String id : acknowledged) {
          if (id.startsWith(name.value() + "/")) {
            assertThat(state.data().text()).contains("\"" + id.substring(id.indexOf('/') + 1));
          }
        }
      }
      peers.forEach(Peer::assertConverged);
    }

    private void step() {
      int choice = random.nextInt(40);
      RecordRig rig = rigs.get(random.nextInt(2));
      List<Integer> busy = rig.loops.busy();
      if (choice < 14) {
        if (!busy.isEmpty()) {
          rig.loops.runOne(busy.get(random.nextInt(busy.size())));
        }
      } else if (choice < 19) {
        if (grid.hasRequests()) {
          grid.carryOutOne();
        }
      } else if (choice < 22) {
        if (grid.hasUncopied()) {
          grid.copyOne();
        }
      } else if (choice < 29) {
        if (grid.hasArrivals(rig.node)) {
          rig.arrive(grid.takeOldest(rig.node));
        }
      } else if (choice == 29) {
        rig.loops.advance(Duration.ofMillis(random.nextInt(600)));
      } else if (choice == 30) {
        if (random.nextInt(3) == 0) {
          ownerDies();
        }
      } else if (choice == 31) {
        int id = ++written;
        grid.write(
            names.get(random.nextInt(names.size())),
            Cells.upsertPaths(-1, Cells.set("w" + id, "" + id)));
      } else {
        peers.get(random.nextInt(peers.size())).act();
      }
    }

    /** Of what it has published a part arrives, more late than early. */
    private void ownerDies() {
      String dead = grid.ownerDies();
      lost.add(dead);
      for (RecordRig rig : rigs) {
        grid.loseChanges(dead, rig.node, random.nextInt(4));
        rig.records.reconcile(lost);
      }
    }

    private void saw(RecordName name, int version, String state) {
      String key = name + " " + version;
      String before = values.putIfAbsent(key, state);
      assertThat(state).as(key).isEqualTo(before == null ? state : before);
    }

    private void comeToRest() {
      for (int i = 0; i < 12; i++) {
        for (RecordRig rig : rigs) {
          rig.loops.advance(Duration.ofSeconds(1));
        }
        settle();
      }
    }

    private void settle() {
      boolean busy = true;
      while (busy) {
        one.loops.runAll();
        two.loops.runAll();
        peers.forEach(Peer::listen);
        grid.carryOutAll();
        while (grid.hasUncopied()) {
          grid.copyOne();
        }
        busy = false;
        for (RecordRig rig : rigs) {
          while (grid.hasArrivals(rig.node)) {
            rig.arrive(grid.takeOldest(rig.node));
            busy = true;
          }
        }
      }
    }

    private final class Peer {
      private final RecordRig.Client client;
      private final RecordClient replicas = new RecordClient(this::took);
      private final Map<RecordName, Integer> versions =
          new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
      private final List<String> heard = new ArrayList<>();

      Peer(RecordRig rig, int loop) {
        this.client = rig.client(loop);
      }

      void subscribe() {
        for (RecordName name : names) {
          replicas.subscribed(name);
          client.later(
              new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(name), "1"));
        }
      }

      private void took(RecordName name, int version, Object state) {
        saw(name, version, state.toString());
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
          case RecordPush.Update update -> grows(update.name(), update.version(), true);
          case RecordPush.Patch patch -> grows(patch.name(), patch.version(), false);
          case RecordPush.WriteAcknowledgement ack ->
              acknowledged.add(ack.name().value() + "/" + ack.correlationId());
          default -> {}
        }
        replicas.received(message);
      }

      /** An UPDATE may repeat what the client has, when it asked for it by a failed write. */
      private void grows(RecordName name, int version, boolean mayRepeat) {
        int before = versions.getOrDefault(name, -1);
        assertThat(version).isGreaterThanOrEqualTo(mayRepeat ? before : before + 1);
        versions.put(name, version);
      }

      void act() {
        RecordName name = names.get(random.nextInt(names.size()));
        client.subscriber.loop().execute(() -> write(name));
      }

      private void write(RecordName name) {
        listen();
        Replica replica = replicas.replicas().get(name);
        if (replica == null
            || !replica.known
            || replica.version < 0
            || replica.pending != null
            || client.subscriber.isBusy()) {
          return;
        }
        String id = "w" + ++written;
        replica.pending = new RecordClient.Pending(replica.version + 1, id, Cells.json("1"), id);
        heard.add("\n--> " + id + " " + name);
        client.session.handle(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                name,
                replica.version + 1,
                id,
                new JsonText("1"),
                new WriteAckRequest(true, id)));
      }

      void assertConverged() {
        replicas
            .replicas()
            .forEach(
                (name, replica) -> {
                  RecordSnapshot state = grid.state(name);
                  assertThat(replica.version)
                      .as("%s; heard %s", name, heard)
                      .isEqualTo(state.version());
                  assertThat(replica.state)
                      .as("%s; heard %s", name, heard)
                      .isEqualTo(Json.parse(state.data()).orElseThrow());
                });
        assertThat(replicas.replicas()).hasSize(names.size());
      }
    }
  }
}
