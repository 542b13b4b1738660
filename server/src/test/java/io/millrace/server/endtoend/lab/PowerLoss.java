package io.millrace.server.endtoend.lab;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three nodes with one PostgreSQL lose their power under load, all at once. */
final class PowerLoss {
  private static final Logger LOG = LoggerFactory.getLogger(PowerLoss.class);
  private static final int NODES = 3;
  private static final List<String> RECORDS =
      IntStream.range(0, 10).mapToObj(i -> "stored-" + i).toList();

  private PowerLoss() {}

  /**
   * What became of the writes, judged.
   *
   * @param rounds how often the power fails
   * @param writes how many are acknowledged before each time
   */
  static History history(Path directory, int rounds, int writes, long seed, String... jvmOptions)
      throws Exception {
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
                .heartbeatTimeout(TestCluster.PATIENT)
                .jvm(jvmOptions)
                .start()) {
      for (int i = 0; i < 2 * NODES; i++) {
        writers.add(
            new PathWriter("w" + i, cluster, i % NODES, () -> RECORDS, history, habit, seed + i));
      }
      writers.forEach(PathWriter::beginToWrite);
      for (int round = 0; round < rounds; round++) {
        int before = acked(writers);
        await().atMost(Duration.ofSeconds(180)).until(() -> acked(writers) > before + writes);
        LockSupport.parkNanos(random.nextLong(1_000_000_000));
        cluster.killAll();
        LOG.info("power failure {}: {}", round, history);
        cluster.startAll();
        cluster.awaitWhole();
      }
      Verdict.finish(writers);
      Verdict.judge(cluster, history, RECORDS, List.of());
      LOG.info("{}", history);
      return history;
    } finally {
      writers.forEach(Client::close);
    }
  }

  private static int acked(List<PathWriter> writers) {
    return writers.stream().mapToInt(PathWriter::acked).sum();
  }
}
