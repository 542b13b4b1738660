package io.millrace.server.kafka;

import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that the broker is away and once that it is back. A Kafka client tells nobody: polls
 * just return nothing. But a client that is connected hears something with every heartbeat.
 */
final class BrokerWatch {
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Logger log = LoggerFactory.getLogger(BrokerWatch.class);

  private final Trouble trouble;
  private final Optional<? extends Metric> received;
  private double bytes;
  private long heardAtNanos = System.nanoTime();

  BrokerWatch(String source, KafkaConsumer<?, ?> consumer) {
    trouble = new Trouble(log, "Kafka source " + source);
    received =
        consumer.metrics().values().stream()
            .filter(
                metric ->
                    metric.metricName().name().equals("incoming-byte-total")
                        && metric.metricName().group().equals("consumer-metrics"))
            .findFirst();
  }

  void look(long nanos) {
    if (received.isEmpty() || !(received.get().metricValue() instanceof Double now)) {
      return;
    }
    if (now != bytes) {
      bytes = now;
      heardAtNanos = nanos;
      trouble.over("the broker is back");
    } else if (nanos - heardAtNanos > PATIENCE.toNanos()) {
      trouble.present("no word from the broker, waiting for it");
    }
  }
}
