package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** A Host: produces messages to one topic, and knows when the broker has them. */
public final class Deltas implements AutoCloseable {
  private final String topic;
  private final KafkaProducer<String, @Nullable String> producer;
  private final List<Future<?>> unconfirmed = new ArrayList<>();

  public Deltas(String bootstrapServers, String topic) {
    this.topic = topic;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "linger.ms",
                5,
                "max.request.size",
                4 << 20,
                "enable.idempotence",
                true),
            new StringSerializer(),
            new StringSerializer());
  }

  /**
   * Produces one message.
   *
   * @param value none for a tombstone
   * @param headers names and values by turns
   */
  public void send(String key, @Nullable String value, String... headers) {
    ProducerRecord<String, @Nullable String> message = new ProducerRecord<>(topic, key, value);
    for (int i = 0; i < headers.length; i += 2) {
      message.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
    }
    unconfirmed.add(producer.send(message));
  }

  /** Returns when the broker has all that was sent. */
  public void confirm() {
    producer.flush();
    try {
      for (Future<?> each : unconfirmed) {
        Object unused = each.get(120, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the broker did not take a message", e);
    }
    unconfirmed.clear();
  }

  @Override
  public void close() {
    producer.close();
  }
}
