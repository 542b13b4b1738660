package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P1 to P4 while all is well: writers on all nodes write different paths of the same records at
 * once, and none of what was acknowledged is lost. {@code -Dlab.writes=100000} for more of them.
 */
final class LostUpdateIT {
  private static final Logger LOG = LoggerFactory.getLogger(LostUpdateIT.class);
  private static final int WRITES = Integer.getInteger("lab.writes", 20_000);
  private static final int WRITERS = 8;
  private static final List<String> RECORDS =
      IntStream.range(0, 10).mapToObj(i -> "shared-" + i).toList();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  @Timeout(900)
  void noAcknowledgedWriteIsLost(int nodes) throws Exception {
    History history = new History(System::nanoTime);
    List<PathWriter> writers = new ArrayList<>();
    List<Watcher> watchers = new ArrayList<>();
    try (TestCluster cluster =
        TestCluster.of(nodes, directory).heartbeatTimeout(TestCluster.PATIENT).start()) {
      for (int i = 0; i < nodes; i++) {
        watchers.add(new Watcher("watcher-" + i, cluster, i, RECORDS, history));
      }
      for (int i = 0; i < WRITERS; i++) {
        writers.add(
            new PathWriter(
                "w" + i,
                cluster,
                i % nodes,
                () -> RECORDS,
                history,
                PathWriter.Habit.FAST_AND_FRESH,
                i));
      }
      long begun = System.nanoTime();
      watchers.forEach(Client::begin);
      writers.forEach(PathWriter::beginToWrite);
      await()
          .atMost(Duration.ofMinutes(12))
          .until(() -> writers.stream().mapToInt(PathWriter::acked).sum() >= WRITES);
      Verdict.finish(writers);
      double seconds = (System.nanoTime() - begun) / 1e9;
      Verdict.judge(cluster, history, RECORDS, watchers);
      LOG.info("{} nodes: {}, {} s", nodes, history, seconds);

      Verdict.assertNoFaults(cluster, history);
      assertThat(history.count(History.Result.ACKED)).isGreaterThanOrEqualTo(WRITES);
      // While nothing fails, nothing is unknown, and no write takes effect twice.
      assertThat(history.count(History.Result.UNKNOWN)).isZero();
      long versions =
          Verdict.read(cluster, RECORDS).values().iterator().next().values().stream()
              .mapToLong(History.Final::version)
              .sum();
      long atLeast = history.count(History.Result.ACKED) - RECORDS.size();
      assertThat(versions).isBetween(atLeast, history.count(History.Result.ACKED));
    } finally {
      writers.forEach(Client::close);
      watchers.forEach(Client::close);
    }
  }
}
