package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.testkit.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** P4: with storage, what was acknowledged survives the loss of all nodes at once. */
final class PowerLossIT {
  private static final Logger LOG = LoggerFactory.getLogger(PowerLossIT.class);
  private static final int NODES = 3;
  private static final int ROUNDS = Integer.getInteger("lab.rounds", 2);
  private static final int WRITES = 500;
  private static final List<String> RECORDS =
      IntStream.range(0, 10).mapToObj(i -> "stored-" + i).toList();

  @TempDir private Path directory;

  @Test
  @Timeout(900)
  void everyAcknowledgedWriteSurvivesTheLossOfAllNodes() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    LOG.info("power fails at moments of -Dmillrace.seed={}", seed);
    Random random = new Random(seed);
    History history = new History(System::nanoTime);
    List<PathWriter> writers = new ArrayList<>();
    PathWriter.Habit habit = new PathWriter.Habit(16, TimeUnit.MILLISECONDS.toNanos(2), 20, 0);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        TestCluster cluster =
            TestCluster.of(NODES, directory)
                .storage(
                    "{ type: postgres, url: \"%s\", user: %s, password: \"%s\" }"
                        .formatted(postgres.url(), postgres.user(), postgres.password()))
                .start()) {
      for (int i = 0; i < 6; i++) {
        writers.add(
            new PathWriter("w" + i, cluster, i % NODES, () -> RECORDS, history, habit, seed + i));
      }
      writers.forEach(PathWriter::beginToWrite);
      for (int round = 0; round < ROUNDS; round++) {
        int before = acked(writers);
        await().atMost(Duration.ofSeconds(60)).until(() -> acked(writers) > before + WRITES);
        LockSupport.parkNanos(random.nextLong(1_000_000_000));
        cluster.killAll();
        LOG.info("round {}: {}", round, history);
        cluster.startAll();
        cluster.awaitWhole();
      }
      Verdict.finish(writers);
      Verdict.judge(cluster, history, RECORDS, List.of());

      LOG.info("{}", history);
      Verdict.assertNoFaults(cluster, history);
      assertThat(history.count(History.Result.ACKED)).isGreaterThan(ROUNDS * (long) WRITES);
    } finally {
      writers.forEach(Client::close);
    }
  }

  private static int acked(List<PathWriter> writers) {
    return writers.stream().mapToInt(PathWriter::acked).sum();
  }
}
