package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Source;
import io.millrace.server.tracing.Tracing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaIngestTest {
  private static final Source GOOD =
      io.millrace.server.mapping.Messages.source("a", "{key}", "set", null, null);

  @Test
  void theIngestNamesTheSourceThatMakesNoSense() {
    Source bad = io.millrace.server.mapping.Messages.source("seats", "{oops}", "set", null, null);

    assertIngestRefused(
        new KafkaConfig("127.0.0.1:1", Map.of(), List.of(bad)), "source source-seats:");
  }

  @Test
  void propertiesThatPromisesDependOnAreRefused() {
    for (String key : List.of("enable.auto.commit", "group.id", "acks", "isolation.level")) {
      assertIngestRefused(
          new KafkaConfig("127.0.0.1:1", Map.of(key, "x"), List.of()), "cannot set " + key);
    }
    assertIngestRefused(
        new KafkaConfig("127.0.0.1:1", Map.of("max.poll.records", "x"), List.of(GOOD)),
        "max.poll.records");
  }

  @Test
  void sourcesNeedABroker() {
    assertIngestRefused(
        new KafkaConfig(null, Map.of(), List.of(GOOD)),
        "kafka.sources need kafka.bootstrapServers");
  }

  @Test
  void withoutSourcesThereIsNothingToWaitFor() {
    try (KafkaIngest ingest =
        new KafkaIngest(
            new KafkaConfig(null, Map.of(), List.of()),
            "millrace",
            new FakeSink(),
            new InMemoryProgressStore(),
            IngestMetrics.NONE,
            Tracing.OFF)) {
      ingest.start();
      assertThat(ingest.assigned()).isTrue();
    }
  }

  private static void assertIngestRefused(KafkaConfig config, String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new KafkaIngest(
                    config,
                    "millrace",
                    new FakeSink(),
                    new InMemoryProgressStore(),
                    IngestMetrics.NONE,
                    Tracing.OFF))
        .withMessageContaining(text);
  }
}
