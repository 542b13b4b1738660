package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class BrokerOutageIT {
  private static final Duration LONG = Duration.ofSeconds(120);

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.millrace.server.kafka");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    // Read while it is written.
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @Test
  void aBrokerThatComesLateOrGoesForAWhileIsWaitedFor(@TempDir Path data) {
    int port = EmbeddedKafka.freePort();
    try (IngestFixture fixture = new IngestFixture("127.0.0.1:" + port, "seats")) {
      FakeSink sink = fixture.sink;
      KafkaIngest ingest = fixture.startIngest();
      await().atMost(LONG).until(() -> logged("no word from the broker") == 1);
      assertThat(ingest.assigned()).isFalse();

      try (EmbeddedKafka kafka = EmbeddedKafka.start(data, port)) {
        kafka.createTopic("seats", 2);
        fixture.produce(0, 100, "a", "b");
        await().atMost(LONG).until(() -> sink.appliedCount() == 200);
        await().atMost(LONG).until(() -> logged("the broker is back") > 0);
      }
      try (EmbeddedKafka kafka = EmbeddedKafka.start(data, port)) {
        assertThat(kafka.bootstrapServers()).endsWith(":" + port);
        fixture.produce(100, 200, "a", "b");
        await().atMost(LONG).until(() -> sink.appliedCount() == 400);
        await().atMost(LONG).until(() -> fixture.progress.sum() == 400);
        fixture.stop(ingest);
      }
    }
    // A restart of the broker is one, too, where it takes long.
    assertThat(log.list)
        .filteredOn(line -> line.getLevel() == Level.WARN)
        .allMatch(line -> line.getFormattedMessage().contains("no word from the broker"))
        .hasSizeBetween(1, 2);
  }

  private long logged(String text) {
    return List.copyOf(log.list).stream()
        .filter(line -> line.getFormattedMessage().contains(text))
        .count();
  }
}
