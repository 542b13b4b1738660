package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Messages and sources to test with. */
final class Messages {
  private Messages() {}

  /** A message of {@code topic/0}; headers are names and values in turn. */
  static ConsumerRecord<byte[], byte[]> message(
      String topic, long offset, @Nullable String key, @Nullable String value, String... headers) {
    RecordHeaders all = new RecordHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1].getBytes(UTF_8));
    }
    byte[] keyBytes = key == null ? null : key.getBytes(UTF_8);
    byte[] valueBytes = value == null ? null : value.getBytes(UTF_8);
    return message(topic, offset, keyBytes, valueBytes, all);
  }

  static ConsumerRecord<byte[], byte[]> message(
      String topic, long offset, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    return new ConsumerRecord<>(
        topic,
        0,
        offset,
        0,
        TimestampType.CREATE_TIME,
        key == null ? -1 : key.length,
        value == null ? -1 : value.length,
        key,
        value,
        headers,
        Optional.empty());
  }
}
