package io.millrace.server.endtoend;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** All that a topic has ever got, as it comes; for one thread. */
final class TopicTail implements AutoCloseable {
  private final KafkaConsumer<String, String> consumer;
  private final List<ConsumerRecord<String, String>> messages = new ArrayList<>();

  TopicTail(String servers, String topic) {
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.assign(
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList());
  }

  /** What has come by now, a moment later at most. */
  List<ConsumerRecord<String, String>> messages() {
    consumer.poll(Duration.ofMillis(20)).forEach(messages::add);
    return messages;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
