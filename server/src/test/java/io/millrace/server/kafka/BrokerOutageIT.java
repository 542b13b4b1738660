package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerOutageIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void aBrokerThatComesLateOrGoesForAWhileIsWaitedFor(@TempDir Path data) {
    int port = EmbeddedKafka.freePort();
    try (IngestFixture fixture = new IngestFixture("127.0.0.1:" + port, "seats")) {
      FakeSink sink = fixture.sink;
      KafkaIngest ingest = fixture.startIngest();
      assertThat(ingest.assigned()).isFalse();

      try (EmbeddedKafka kafka = EmbeddedKafka.start(data, port)) {
        kafka.createTopic("seats", 2);
        fixture.produce(0, 100, "a", "b");
        await().atMost(LONG).until(() -> sink.appliedCount() == 200);
      }
      try (EmbeddedKafka kafka = EmbeddedKafka.start(data, port)) {
        assertThat(kafka.bootstrapServers()).endsWith(":" + port);
        fixture.produce(100, 200, "a", "b");
        await().atMost(LONG).until(() -> sink.appliedCount() == 400);
        await().atMost(LONG).until(() -> fixture.progress.sum() == 400);
        fixture.stop(ingest);
      }
    }
  }
}
