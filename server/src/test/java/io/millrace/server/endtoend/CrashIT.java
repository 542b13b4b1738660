package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final String SOURCE =
      """
      { name: s, topics: [%s], record: "{key}", operation: "{payload.op}", \
      path: "k{payload.n}", data: payload.v }\
      """;

  private static EmbeddedKafka kafka;
  private static Admin admin;

  @TempDir private Path directory;
  private final int port = EmbeddedKafka.freePort();
  private final URI uri = URI.create("ws://127.0.0.1:" + port + "/deepstream");

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  static void stopKafka() {
    admin.close();
    kafka.close();
  }

  @Test
  @Timeout(600)
  void everyDeltaTakesEffectOnceAndEveryAcknowledgedWriteStays() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    LOG.info("kills at moments of -Dmillrace.seed={}", seed);
    Random random = new Random(seed);
    Path config = config("deltas", 3);
    AckedWrites writes = new AckedWrites(uri);
    DeltaStream stream = new DeltaStream(kafka.bootstrapServers(), "deltas", seed);
    try (stream) {
      stream.start();
      for (int round = 1; round <= ROUNDS; round++) {
        liveAndDie(config, round, random, writes);
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
    assertThat(admin.listTopics().names().get()).doesNotContain("deltas.dlq");
  }

  private void liveAndDie(Path config, int round, Random random, AckedWrites writes)
      throws Exception {
    try (ServerProcess server = ServerProcess.start(config)) {
      writes.begin();
      // Some lives end in the middle of the start, some while deltas flow, and some at the worst
      // moment: when it has just been noted how far the log was read.
      long committed = committed("deltas");
      switch (round % 5) {
        case 0 -> LockSupport.parkNanos(random.nextLong(1_000_000_000));
        case 1, 2 -> {
          await().atMost(LONG).pollInterval(SHORT).until(() -> Probe.isReady(port));
          LockSupport.parkNanos(random.nextLong(1_500_000_000));
        }
        default ->
            await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> committed("deltas") > committed);
      }
      LOG.info("round {}: {} replays were seen", round, replays());
      server.kill();
    }
    writes.end();
  }

  /**
   * How far the log was read is forgotten, so that all of it is read again. The records know
   * better; one that a client has removed does, too.
   */
  @Test
  @Timeout(300)
  void aReplayFromTheVeryBeginningChangesNothing() throws Exception {
    Path config = config("replayed", 1);
    int deltas = 50;
    try (Deltas host = new Deltas(kafka.bootstrapServers(), "replayed")) {
      for (int n = 1; n <= deltas; n++) {
        host.send("kept", "{\"op\":\"patch\",\"n\":" + n + ",\"v\":0}");
        host.send("removed", "{\"op\":\"patch\",\"n\":" + n + ",\"v\":0}");
      }
      host.confirm();
      try (ServerProcess server = ServerProcess.start(config);
          RecordReader reader = new RecordReader(uri);
          ScriptedClient client = ScriptedClient.connect(uri).login()) {
        await().atMost(LONG).pollInterval(SHORT).until(() -> reader.version("removed") == deltas);
        await().atMost(LONG).pollInterval(SHORT).until(() -> reader.version("kept") == deltas);
        client.send(new RecordRequest.Delete(new RecordName("removed"), null));
        client.await(RecordPush.DeleteSuccess.class);
        await().atMost(LONG).until(() -> committed("replayed") == 2L * deltas);
        server.kill();
      }
      forgetProgress();

      // Who is given up by its group for a moment would read some of it once more.
      configure("replayed", Duration.ofSeconds(30));
      try (ServerProcess server = ServerProcess.start(config);
          RecordReader reader = new RecordReader(uri)) {
        await().atMost(LONG).pollInterval(SHORT).until(() -> replays() == 2.0 * deltas);
        assertThat(reader.version("kept")).as(server.lastWords()).isEqualTo(deltas);
        assertThat(reader.version("removed")).isEqualTo(RecordReader.MISSING);
      }
    }
  }

  private void forgetProgress() throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("millrace.db"));
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("DELETE FROM log_progress")).isPositive();
    }
  }

  private Path config(String topic, int partitions) throws IOException {
    kafka.createTopic(topic, partitions);
    // Whoever comes next takes over soon from the one that was killed.
    return configure(topic, Duration.ofMillis(600));
  }

  /**
   * Writes the configuration.
   *
   * @param silence after which its group gives up a server
   */
  private Path configure(String topic, Duration silence) throws IOException {
    return Files.writeString(
        directory.resolve("millrace.yml"),
        TestServer.with()
            .port(port)
            .sqlite(directory.resolve("millrace.db"))
            .kafka(
                """
                { bootstrapServers: "%s", sources: [%s], \
                properties: { session.timeout.ms: %d, heartbeat.interval.ms: 150 } }\
                """
                    .formatted(
                        kafka.bootstrapServers(), SOURCE.formatted(topic), silence.toMillis()))
            .toYaml());
  }

  private static long committed(String topic) throws Exception {
    return admin
        .listConsumerGroupOffsets("millrace-s")
        .partitionsToOffsetAndMetadata()
        .get(90, TimeUnit.SECONDS)
        .entrySet()
        .stream()
        .filter(each -> each.getKey().topic().equals(topic))
        .mapToLong(each -> each.getValue().offset())
        .sum();
  }

  private double replays() {
    return Probe.metric(port, "millrace_ingest_replayed_total");
  }
}
