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
import java.time.Duration;
import java.util.Map;
import java.util.Random;
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
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final String SOURCE =
      """
      { name: s, topics: [%s], record: "{key}", operation: "{payload.op}", \
      path: "k{payload.n}", data: payload.n }\
      """;

  private static EmbeddedKafka kafka;

  @TempDir private Path directory;
  private final int port = EmbeddedKafka.freePort();
  private final URI uri = URI.create("ws://127.0.0.1:" + port + "/deepstream");

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  @Timeout(180)
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
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.listTopics().names().get()).doesNotContain("deltas.dlq");
    }
  }

  private void liveAndDie(Path config, int round, Random random, AckedWrites writes)
      throws Exception {
    try (ServerProcess server = ServerProcess.start(config)) {
      writes.begin();
      // Most lives get as far as the deltas; some end in the middle of the start.
      if (round % 4 != 0) {
        await().atMost(LONG).pollInterval(SHORT).until(() -> Probe.isReady(port));
      }
      LockSupport.parkNanos(random.nextLong(1_000_000_000));
      LOG.info("round {}: {} replays were seen", round, replays());
      server.kill();
    }
    writes.end();
  }

  /** The deltas that made a record are read again; it was removed by a client, though. */
  @Test
  @Timeout(120)
  void aReplayDoesNotBringBackWhatAClientHasRemoved() throws Exception {
    Path config = config("replayed", 1);
    int deltas = 50;
    try (Deltas host = new Deltas(kafka.bootstrapServers(), "replayed")) {
      for (int n = 1; n <= deltas; n++) {
        host.send("kept", "{\"op\":\"patch\",\"n\":" + n + "}");
        host.send("removed", "{\"op\":\"patch\",\"n\":" + n + "}");
      }
      host.confirm();
      try (ServerProcess server = ServerProcess.start(config);
          RecordReader reader = new RecordReader(uri);
          ScriptedClient client = ScriptedClient.connect(uri).login()) {
        await().atMost(LONG).pollInterval(SHORT).until(() -> reader.version("removed") == deltas);
        client.send(new RecordRequest.Delete(new RecordName("removed"), null));
        client.await(RecordPush.DeleteSuccess.class);
        server.kill();
      }

      try (ServerProcess server = ServerProcess.start(config);
          RecordReader reader = new RecordReader(uri)) {
        host.send("last", "{\"op\":\"patch\",\"n\":1}");
        host.confirm();
        await().atMost(LONG).pollInterval(SHORT).until(() -> reader.version("last") == 1);
        LOG.info("{} replays were seen", replays());
        assertThat(reader.version("kept")).as(server.lastWords()).isEqualTo(deltas);
        assertThat(reader.version("removed")).isEqualTo(RecordReader.MISSING);
      }
    }
  }

  private Path config(String topic, int partitions) throws IOException {
    kafka.createTopic(topic, partitions);
    return Files.writeString(
        directory.resolve("millrace.yml"),
        TestServer.with()
            .port(port)
            .sqlite(directory.resolve("millrace.db"))
            .kafka(kafka.bootstrapServers(), SOURCE.formatted(topic))
            .toYaml());
  }

  private double replays() {
    return Probe.metric(port, "millrace_ingest_replayed_total");
  }
}
