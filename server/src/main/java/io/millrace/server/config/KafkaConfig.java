package io.millrace.server.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broker and the topics whose messages become changes of records.
 *
 * @param bootstrapServers where the broker is; absent means that there is no Kafka
 * @param properties passed to every Kafka client as they are (TLS, SASL, ...)
 */
public record KafkaConfig(
    @Nullable String bootstrapServers, Map<String, String> properties, List<Source> sources) {
  public KafkaConfig {
    properties = Map.copyOf(properties);
    sources = List.copyOf(sources);
  }

  /**
   * One mapping of topics to records. Templates are text with placeholders: {@code {key}}, {@code
   * {header.NAME}}, {@code {payload.a.b}}, {@code {topic}}.
   *
   * @param name the source's name in logs, metrics and errors; unique
   * @param topics what is consumed
   * @param group the consumer group; absent: {@code millrace-} and the source's name
   * @param record template of the record name
   * @param operation template that yields set, patch, merge, erase or delete
   * @param path template of the JSON path that is changed; absent or empty: the whole record
   * @param data JSON path of the value within the payload; absent: the whole payload
   * @param startFrom where to start when nothing is stored of an earlier run
   * @param deadLetterTopic where messages go that cannot be applied; absent: topic and {@code .dlq}
   * @param maxInFlight bytes read and not yet applied and stored before partitions are paused
   */
  public record Source(
      String name,
      List<String> topics,
      @Nullable String group,
      String record,
      String operation,
      @Nullable String path,
      @Nullable String data,
      StartFrom startFrom,
      @Nullable String deadLetterTopic,
      DataSize maxInFlight) {
    public Source {
      topics = List.copyOf(topics);
    }
  }

  /** Where a source starts when nothing is stored of an earlier run. */
  public enum StartFrom {
    EARLIEST,
    LATEST
  }
}
