package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P3 when an owner is lost that published versions which no other node has a copy of: those who
 * have seen them must not stay with them. Nobody writes afterwards, so nothing but reconciliation
 * can tell them.
 */
final class OwnerLossIT {
  private static final Logger LOG = LoggerFactory.getLogger(OwnerLossIT.class);
  private static final Duration SOON = Duration.ofSeconds(90);

  /** When the cluster is whole all has been compared; so this is for what has to stay wrong. */
  private static final Duration PATIENCE_WITH_THE_BUG = Duration.ofSeconds(10);

  private static final List<String> RECORDS =
      IntStream.range(0, 60).mapToObj(i -> "moved-" + i).toList();

  /** Of some 20 records that it owns; about half of them have their copies on node 1. */
  private static final int AHEAD = 8;

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void nobodyStaysOnAVersionThatOnlyTheLostOwnerHad() throws Exception {
    History history = lose(Duration.ofSeconds(60));
    assertThat(history.faults()).as("%s", history).isEmpty();
  }

  /** That the checker would see it. */
  @Test
  @Timeout(600)
  void whoStaysOnAVersionThatOnlyTheLostOwnerHadIsFound() throws Exception {
    History history = lose(PATIENCE_WITH_THE_BUG, "-Dmillrace.fault=skip-reconciliation");
    assertThat(history.faults()).anyMatch(fault -> fault.startsWith("P3"));
  }

  private History lose(Duration patience, String... jvmOptions) throws Exception {
    History history = new History(System::nanoTime);
    List<PathWriter> writers = new ArrayList<>();
    List<Watcher> watchers = new ArrayList<>();
    try (TestCluster cluster = TestCluster.of(3, directory).jvm(jvmOptions).start()) {
      for (int node = 0; node < 3; node++) {
        watchers.add(new Watcher("watcher-" + node, cluster, node, RECORDS, history));
        // Writes by way of other nodes would be tried again with the next owner.
        writers.add(
            new PathWriter(
                "w" + node,
                cluster,
                0,
                () -> RECORDS,
                history,
                new PathWriter.Habit(500, 1_000_000, 20, 0),
                node));
      }
      watchers.forEach(Client::begin);
      await()
          .atMost(SOON)
          .until(() -> watchers.stream().allMatch(watcher -> watcher.hasAll(RECORDS)));
      writers.forEach(PathWriter::beginToWrite);
      await().atMost(SOON).until(() -> writers.get(0).acked() > 300);

      // Node 0 publishes to node 2 what its copies on node 1 do not hear of.
      cluster.wires().cutOneWay(0, 1);
      await().atMost(SOON).until(() -> watchers.get(2).ahead(watchers.get(1)) >= AHEAD);
      LockSupport.parkNanos(Duration.ofMillis(700).toNanos());
      writers.forEach(PathWriter::finish);
      LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
      cluster.kill(0);
      cluster.wires().reset(0, 1);
      cluster.wires().heal();
      await().atMost(SOON).until(() -> NodeProbe.lacking(cluster.clients(1), 2).isEmpty());
      cluster.start(0);
      cluster.awaitWhole();
      Verdict.finish(writers);
      Verdict.judge(cluster, history, RECORDS, watchers, patience);
      LOG.info("{}", history);
      return history;
    } finally {
      writers.forEach(Client::close);
      watchers.forEach(Client::close);
    }
  }
}
