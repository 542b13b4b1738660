package io.millrace.server.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages and sources to test with. */
public final class Messages {
  private Messages() {}

  /** A message of {@code topic/0}; headers are names and values in turn. */
  public static SourceMessage message(
      String topic, long offset, @Nullable String key, @Nullable String value, String... headers) {
    List<SourceMessage.Header> all = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(new SourceMessage.Header(headers[i], headers[i + 1].getBytes(UTF_8)));
    }
    byte[] keyBytes = key == null ? null : key.getBytes(UTF_8);
    byte[] valueBytes = value == null ? null : value.getBytes(UTF_8);
    return new SourceMessage(topic, 0, offset, 0, keyBytes, valueBytes, all);
  }

  /** A source of one topic. */
  public static KafkaConfig.Source source(
      String topic, String record, String operation, @Nullable String path, @Nullable String data) {
    return source(topic, record, operation, path, data, null);
  }

  public static KafkaConfig.Source source(
      String topic,
      String record,
      String operation,
      @Nullable String path,
      @Nullable String data,
      @Nullable String deadLetterTopic) {
    return new KafkaConfig.Source(
        "source-" + topic,
        List.of(topic),
        null,
        KafkaConfig.Envelope.NONE,
        null,
        List.of(),
        record,
        operation,
        path,
        data,
        null,
        KafkaConfig.StartFrom.EARLIEST,
        deadLetterTopic,
        new DataSize(1 << 20),
        KafkaConfig.Format.JSON,
        KafkaConfig.Format.TEXT,
        KafkaConfig.JsonRules.LOSSLESS);
  }
}
