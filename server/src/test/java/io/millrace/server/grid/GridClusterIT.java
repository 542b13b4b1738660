package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.LifecycleEvent;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.grid.GridCluster.ClientState;
import io.millrace.server.grid.GridCluster.Node;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real members whose owners die, whose links break, and that lose sight of each other. */
@Timeout(300)
final class GridClusterIT {
  private static final Duration LONG = Duration.ofSeconds(120);

  /** Where nobody has to notice that a member is silent: it may be the machine that stalls. */
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private static void write(Node node, RecordName name, int version, String path) throws Exception {
    assertThat(node.patch(name, version, path, "1").get(120, TimeUnit.SECONDS)).isTrue();
  }

  private static void subscribed(Node node, RecordName name, int version) {
    node.subscribe(name);
    holds(node, name, version);
  }

  private static void holds(Node node, RecordName name, int version) {
    await().atMost(LONG).until(() -> node.state(name).version() == version);
  }

  /** The client that did not write holds what the grid holds. */
  private static void converges(Node node, RecordName name) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              RecordSnapshot state = node.read(name);
              assertThat(node.state(name))
                  .isEqualTo(new ClientState(state.version(), state.data().text()));
            });
  }

  @Test
  void aVersionThatOnlyTheDeadOwnerHadIsLeftOut() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 1, PATIENT)) {
      Node owner = cluster.node(0);
      Node second = cluster.node(1);
      Node third = cluster.node(2);
      await().atMost(LONG).until(cluster::isSafe);
      RecordName name = cluster.nameOwnedBy(owner, "seats/");
      subscribed(second, name, 0);
      subscribed(third, name, 0);
      write(owner, name, 1, "before");
      holds(second, name, 1);
      holds(third, name, 1);

      cluster.wallIn(owner);
      CompletableFuture<Boolean> lost = owner.patch(name, 2, "lost", "1");
      holds(second, name, 2);
      holds(third, name, 2);
      assertThat(lost).isNotDone();
      cluster.kill(owner);
      cluster.tearDownWalls();

      converges(second, name);
      converges(third, name);
      assertThat(second.state(name).version()).isGreaterThan(2);
      assertThat(second.state(name).data()).isEqualTo("{\"before\":1}");
      assertThat(second.repaired.get() + third.repaired.get()).isPositive();
    }
  }

  /** The next owner is asked to write before anybody has compared anything. */
  @Test
  void whatIsWrittenNextDoesNotTakeThatVersion() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 1, PATIENT)) {
      Node owner = cluster.node(0);
      Node second = cluster.node(1);
      Node third = cluster.node(2);
      await().atMost(LONG).until(cluster::isSafe);
      RecordName name = cluster.nameOwnedBy(owner, "seats/");
      subscribed(second, name, 0);
      write(owner, name, 1, "before");
      holds(second, name, 1);

      cluster.wallIn(owner);
      var unused = owner.patch(name, 2, "lost", "1");
      holds(second, name, 2);
      CompletableFuture<Boolean> next = third.patch(name, 2, "next", "1");
      cluster.kill(owner);
      cluster.tearDownWalls();

      boolean accepted = next.get(120, TimeUnit.SECONDS);
      converges(second, name);
      assertThat(second.state(name).version()).isGreaterThan(2);
      assertThat(second.state(name).data())
          .isEqualTo(accepted ? "{\"before\":1,\"next\":1}" : "{\"before\":1}");
    }
  }

  @Test
  void whatABrokenLinkLostIsFetchedWhenItIsThereAgain() throws Exception {
    try (GridCluster cluster = new GridCluster(2, 1, PATIENT)) {
      Node owner = cluster.node(0);
      Node other = cluster.node(1);
      await().atMost(LONG).until(cluster::isSafe);
      RecordName name = cluster.nameOwnedBy(owner, "seats/");
      subscribed(other, name, 0);
      cluster.cutLink(owner, other);
      write(owner, name, 1, "unheard");
      cluster.mendLink(owner, other);
      holds(other, name, 1);
      converges(other, name);
    }
  }

  @Test
  void acknowledgedWritesOutliveTheirOwner() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 1, PATIENT)) {
      await().atMost(LONG).until(cluster::isSafe);
      List<RecordName> names = new ArrayList<>();
      for (Node node : cluster.running()) {
        names.add(cluster.nameOwnedBy(node, "seats/"));
      }
      for (RecordName name : names) {
        subscribed(cluster.node(1), name, 0);
        subscribed(cluster.node(2), name, 0);
      }
      Set<String> acknowledged = ConcurrentHashMap.newKeySet();
      AtomicBoolean stop = new AtomicBoolean();
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (Node node : List.of(cluster.node(1), cluster.node(2))) {
        for (RecordName name : names) {
          writers.add(
              CompletableFuture.runAsync(
                  () -> writeOn(node, name, acknowledged, stop),
                  task -> Thread.ofVirtual().start(task)));
        }
      }
      await().atMost(LONG).until(() -> acknowledged.size() > 200);
      cluster.kill(cluster.node(0));
      int before = acknowledged.size();
      await().atMost(LONG).until(() -> acknowledged.size() > before + 200);
      stop.set(true);
      for (CompletableFuture<Void> writer : writers) {
        writer.get(120, TimeUnit.SECONDS);
      }
      for (RecordName name : names) {
        String data = cluster.node(1).read(name).data().text();
        for (String each : acknowledged) {
          if (each.startsWith(name.value() + " ")) {
            assertThat(data).contains("\"" + each.substring(each.indexOf(' ') + 1) + "\":1");
          }
        }
      }
    }
  }

  /** P8: whatever way they were on when it went, and however many there are of one record. */
  @Test
  void noWriteIsRefusedWhenAnOwnerLeavesInGoodOrder() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 1, PATIENT)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node leaving = cluster.node(0);
      List<Node> writers = List.of(cluster.node(1), cluster.node(2));
      List<RecordName> names = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        RecordName name = cluster.nameOwnedBy(leaving, "hot" + i + "/");
        subscribed(cluster.node(1), name, 0);
        names.add(name);
      }
      CompletableFuture<Void> left =
          CompletableFuture.runAsync(leaving.grid::close, task -> Thread.ofVirtual().start(task));
      leaving.dead = true;
      List<CompletableFuture<Boolean>> writes = new ArrayList<>();
      for (int i = 0; !left.isDone() || i < 100; i++) {
        for (RecordName name : names) {
          for (Node writer : writers) {
            writes.add(writer.patch(name, -1, writer.name + "w" + i, "1"));
          }
        }
        // Not faster than it can be done.
        writes.getLast().get(120, TimeUnit.SECONDS);
      }
      for (CompletableFuture<Boolean> write : writes) {
        assertThat(write.get(120, TimeUnit.SECONDS)).isTrue();
      }
      for (RecordName name : names) {
        assertThat(writers.get(0).read(name).version()).isEqualTo(writes.size() / names.size());
      }
    }
  }

  private static void writeOn(
      Node node, RecordName name, Set<String> acknowledged, AtomicBoolean stop) {
    try {
      for (int i = 0; !stop.get(); i++) {
        String path = node.name + "w" + i;
        int version = node.read(name).version() + 1;
        if (node.patch(name, version, path, "1").get(120, TimeUnit.SECONDS)) {
          acknowledged.add(name.value() + " " + path);
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theSmallerPartRefusesWritesAndHealsWhenItIsBack() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node alone = cluster.node(2);
      Node first = cluster.node(0);
      RecordName name = cluster.nameOwnedBy(first, "seats/");
      subscribed(alone, name, 0);
      subscribed(first, name, 0);
      cluster.wallIn(alone);
      cluster.cutLinks(alone);
      await().atMost(LONG).until(() -> alone.grid.membership().isMinority());
      await().atMost(LONG).until(() -> first.grid.membership().nodes().size() == 2);
      assertThat(alone.patch(name, 1, "refused", "1").get(120, TimeUnit.SECONDS)).isFalse();
      write(first, name, 1, "accepted");

      cluster.tearDownWalls();
      await().atMost(LONG).until(() -> alone.grid.membership().nodes().size() == 3);
      cluster.mendLink(alone, first);
      cluster.mendLink(alone, cluster.node(1));
      converges(alone, name);
      assertThat(alone.read(name).data().text()).isEqualTo("{\"accepted\":1}");
    }
  }

  @Test
  void theSmallerPartDoesNotTakeForGoneWhatOnlyTheOthersHave() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node alone = cluster.node(2);
      Node first = cluster.node(0);
      List<RecordName> names = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        RecordName name = cluster.nameOwnedBy(first, "row" + i + "/");
        subscribed(first, name, 0);
        names.add(name);
      }
      cluster.wallIn(alone);
      cluster.cutLinks(alone);
      await().atMost(LONG).until(() -> alone.grid.membership().isMinority());
      int unknown = 0;
      for (RecordName name : names) {
        try {
          assertThat(alone.read(name).exists()).as("%s is called missing", name).isTrue();
        } catch (ExecutionException thatIsNotKnownHere) {
          unknown++;
        }
      }
      assertThat(unknown).as("records without a copy on this side").isPositive();
      cluster.tearDownWalls();
    }
  }

  @Test
  void whatWasRemovedWhileANodeWasCutOffDoesNotComeBackWithIt() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node alone = cluster.node(2);
      Node first = cluster.node(0);
      List<RecordName> names =
          List.of(cluster.nameOwnedBy(first, "seats/"), cluster.nameOwnedBy(alone, "seats/"));
      for (RecordName name : names) {
        subscribed(first, name, 0);
        write(first, name, 1, "a");
      }
      CompletableFuture<Void> merged = merged(alone);
      cluster.wallIn(alone);
      cluster.cutLinks(alone);
      await().atMost(LONG).until(() -> alone.grid.membership().isMinority());
      await().atMost(LONG).until(() -> first.grid.membership().nodes().size() == 2);
      for (RecordName name : names) {
        assertThat(first.write(name, new RecordCommand.Remove()))
            .isInstanceOf(WriteOutcome.Applied.class);
        assertThat(first.read(name).exists()).isFalse();
      }

      cluster.tearDownWalls();
      merged.get(120, TimeUnit.SECONDS);
      for (RecordName name : names) {
        assertThat(first.read(name).exists()).isFalse();
      }
    }
  }

  @Test
  void whatAnOwnerDidBeforeItKnewThatItWasCutOffDoesNotReplaceWhatWasAcknowledged()
      throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2, Duration.ofSeconds(8))) {
      await().atMost(LONG).until(cluster::isSafe);
      Node alone = cluster.node(2);
      Node first = cluster.node(0);
      RecordName name = cluster.nameOwnedBy(alone, "seats/");
      subscribed(first, name, 0);
      write(first, name, 1, "a");
      CompletableFuture<Void> merged = merged(alone);
      cluster.wallIn(alone);
      cluster.cutLinks(alone);
      // A life that is later than the one that the others know.
      alone.begin(name, new RecordCommand.Remove());
      alone.begin(name, new RecordCommand.Create());
      assertThat(alone.read(name).data().text()).isEqualTo("{}");
      await().atMost(LONG).until(() -> first.grid.membership().nodes().size() == 2);
      await().atMost(LONG).until(() -> first.read(name).version() == 1);
      write(first, name, 2, "b");

      cluster.tearDownWalls();
      merged.get(120, TimeUnit.SECONDS);
      assertThat(first.read(name).data().text()).isEqualTo("{\"a\":1,\"b\":1}");
      converges(first, name);
    }
  }

  @Test
  void whatNoPartHasWholeIsThereAgainWhenTheyMeet() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node first = cluster.node(0);
      Node second = cluster.node(1);
      List<RecordName> names = new ArrayList<>();
      for (Node owner : cluster.running()) {
        for (int i = 0; i < 10; i++) {
          RecordName name = cluster.nameOwnedBy(owner, "row" + i + "/");
          subscribed(first, name, 0);
          write(second, name, 1, "a");
          names.add(name);
        }
      }
      cluster.running().forEach(cluster::wallIn);
      cluster.running().forEach(cluster::cutLinks);
      for (Node node : cluster.running()) {
        await().atMost(LONG).until(() -> node.grid.membership().nodes().size() == 1);
      }
      cluster.tearDownWalls();
      cluster.mendLink(first, second);
      cluster.mendLink(first, cluster.node(2));
      cluster.mendLink(second, cluster.node(2));
      for (Node node : cluster.running()) {
        await().atMost(LONG).until(() -> node.grid.membership().nodes().size() == 3);
      }
      for (RecordName name : names) {
        // Who has just come may still be bringing its records.
        await()
            .atMost(LONG)
            .untilAsserted(
                () ->
                    assertThat(first.read(name).data().text())
                        .as("%s", name)
                        .isEqualTo("{\"a\":1}"));
        converges(first, name);
      }
      assertThat(first.heard).noneMatch(RecordPush.Deleted.class::isInstance);
    }
  }

  @Test
  void nothingIsAcknowledgedWithoutACopyWhileNodesGetLost() throws Exception {
    try (GridCluster cluster = new GridCluster(3, 2)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node owner = cluster.node(0);
      Node copy = cluster.node(1);
      Node other = cluster.node(2);
      RecordName name = cluster.nameCopiedFrom(owner, copy, "seats/");
      subscribed(owner, name, 0);
      write(owner, name, 1, "a");
      // The owner loses one, and can't give a copy to the other, which it will lose, too.
      cluster.wallIn(other);
      cluster.cutLinks(other);
      cluster.kill(copy);
      await().atMost(LONG).until(() -> owner.grid.membership().nodes().size() == 2);
      assertThat(owner.patch(name, 2, "b", "1").get(120, TimeUnit.SECONDS)).isFalse();
      cluster.tearDownWalls();
    }
  }

  @Test
  void aCopyThatMissedAChangeDoesNotPassForTheNextVersion() throws Exception {
    try (GridCluster cluster = new GridCluster(2, 1, PATIENT)) {
      await().atMost(LONG).until(cluster::isSafe);
      Node owner = cluster.node(0);
      Node copy = cluster.node(1);
      RecordName name = cluster.nameCopiedFrom(owner, copy, "seats/");
      subscribed(owner, name, 0);
      write(owner, name, 1, "a");
      cluster.wallIn(owner);
      var missed = owner.patch(name, 2, "b", "1");
      await().atMost(LONG).until(() -> owner.read(name).version() == 2);
      assertThat(missed).isNotDone();
      cluster.tearDownWalls();
      write(owner, name, 3, "c");
      cluster.kill(owner);
      await().atMost(LONG).until(() -> copy.grid.membership().nodes().size() == 1);
      assertThat(copy.read(name).data().text()).isEqualTo("{\"a\":1,\"b\":1,\"c\":1}");
    }
  }

  private static CompletableFuture<Void> merged(Node node) {
    CompletableFuture<Void> merged = new CompletableFuture<>();
    node.hazelcast()
        .getLifecycleService()
        .addLifecycleListener(
            event -> {
              if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
                merged.complete(null);
              }
            });
    return merged;
  }
}
