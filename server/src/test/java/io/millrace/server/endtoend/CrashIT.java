package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.testkit.EmbeddedKafka;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P4 and P5 for the loss of the process: kill -9 while deltas flow and acknowledged writes arrive,
 * again and again on the same file.
 */
final class CrashIT {
  private static final Logger LOG = LoggerFactory.getLogger(CrashIT.class);
  private static final int ROUNDS = 10;
  private static final String TOPIC = "deltas";
  private static final String SOURCE =
      """
      { name: s, topics: [deltas], record: "{key}", operation: "{payload.op}", \
      path: "k{payload.n}", data: payload.n }\
      """;

  @TempDir private Path directory;

  @Test
  @Timeout(180)
  void everyDeltaTakesEffectOnceAndEveryAcknowledgedWriteStays() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    LOG.info("kills at moments of -Dmillrace.seed={}", seed);
    Random random = new Random(seed);
    int port = EmbeddedKafka.freePort();
    URI uri = URI.create("ws://127.0.0.1:" + port + "/deepstream");

    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic(TOPIC, 3);
      Path config =
          Files.writeString(
              directory.resolve("millrace.yml"),
              TestServer.with()
                  .port(port)
                  .sqlite(directory.resolve("millrace.db"))
                  .kafka(kafka.bootstrapServers(), SOURCE)
                  .toYaml());
      AckedWrites writes = new AckedWrites(uri);
      DeltaStream stream = new DeltaStream(kafka.bootstrapServers(), TOPIC, seed);
      try (stream) {
        stream.start();
        for (int round = 1; round <= ROUNDS; round++) {
          liveAndDie(config, port, round, random, writes);
        }
        stream.finish();
      }

      try (ServerProcess server = ServerProcess.start(config);
          RecordReader reader = new RecordReader(uri)) {
        LOG.info("{} deltas, {} acknowledged writes", stream.sent(), writes.acked().size());
        stream.awaitEnd(reader);
        stream.assertTookEffectOnce(reader);
        writes.assertAllThere(reader);
        assertThat(server.lastWords()).doesNotContain("dead letter");
      }
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        assertThat(admin.listTopics().names().get()).doesNotContain(TOPIC + ".dlq");
      }
    }
  }

  private static void liveAndDie(
      Path config, int port, int round, Random random, AckedWrites writes) throws Exception {
    try (ServerProcess server = ServerProcess.start(config)) {
      writes.begin();
      // Most lives get as far as the deltas; some end in the middle of the start.
      if (round % 4 != 0) {
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(50))
            .until(() -> Probe.isReady(port));
      }
      LockSupport.parkNanos(random.nextLong(1_000_000_000));
      LOG.info(
          "round {}: {} replays were seen",
          round,
          Probe.metric(port, "millrace_ingest_replayed_total"));
      server.kill();
    }
    writes.end();
  }
}
