package io.millrace.server.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The broker and the topics whose messages become changes of records.
 *
 * @param bootstrapServers where the broker is; absent means that there is no Kafka
 * @param properties passed to every Kafka client as they are (TLS, SASL, ...)
 * @param schemaRegistry where the schemas of messages are
 */
public record KafkaConfig(
    @Nullable String bootstrapServers,
    Map<String, String> properties,
    SchemaRegistryConfig schemaRegistry,
    List<Source> sources)
    implements Checked {
  public KafkaConfig {
    properties = Map.copyOf(properties);
    sources = List.copyOf(sources);
  }

  /** Without a schema registry. */
  public KafkaConfig(
      @Nullable String bootstrapServers, Map<String, String> properties, List<Source> sources) {
    this(bootstrapServers, properties, SchemaRegistryConfig.NONE, sources);
  }

  @Override
  public void check(Checks checks) {
    checks.require(
        sources.isEmpty() || bootstrapServers != null,
        "bootstrapServers",
        "is needed by kafka.sources; write for example localhost:9092");
    checks.unique("sources", "name", sources.stream().map(Source::name).toList());
    checks.require(
        !schemaRegistry.urls().isEmpty() || sources.stream().noneMatch(Source::needsSchemas),
        "schemaRegistry.urls",
        "is needed by sources of format avro or protobuf; write for example"
            + " [http://registry:8081]");
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
   * @param data where the value is, as {@code payload.a.b}; absent: the whole payload
   * @param startFrom where to start when nothing is stored of an earlier run
   * @param deadLetterTopic where messages go that cannot be applied; absent: topic and {@code .dlq}
   * @param maxInFlight bytes read and not yet applied and stored before partitions are paused
   * @param format what values of messages are
   * @param keyFormat what keys of messages are
   * @param toJson how what JSON has no words for is said in it
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
      DataSize maxInFlight,
      Format format,
      Format keyFormat,
      JsonRules toJson)
      implements Checked {

    /** What a source has where the file does not say. */
    static final String DEFAULTS =
        """
        operation: set
        startFrom: earliest
        maxInFlight: 8MiB
        format: json
        keyFormat: text
        toJson: { decimals: text, bigIntegers: text, timestamps: iso }
        """;

    private static final List<String> OPERATIONS =
        List.of("set", "patch", "merge", "erase", "delete");

    /** Kafka's rule for names of topics; for the others it keeps metrics and group names plain. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    private static final Pattern TEMPLATE =
        Pattern.compile("(?:[^{}]|\\{(?:key|topic|partition|header\\.[^{}]+|payload\\.[^{}]+)})*");

    public Source {
      topics = List.copyOf(topics);
    }

    @Override
    public void check(Checks checks) {
      checkName("name", name, checks);
      checks.notEmpty("topics", topics);
      topics.forEach(topic -> checkName("topics", topic, checks));
      checkName("deadLetterTopic", deadLetterTopic, checks);
      checkTemplate("record", record, checks);
      checkTemplate("operation", operation, checks);
      checkTemplate("path", path, checks);
      boolean fixed = operation.indexOf('{') < 0;
      checks.require(
          !fixed || OPERATIONS.contains(operation),
          "operation",
          "%s is not allowed; allowed: %s, or a template that yields one of them"
              .formatted(Scalars.quote(operation), String.join(", ", OPERATIONS)));
      checks.require(
          path != null || !(operation.equals("patch") || operation.equals("erase")),
          "path",
          "is needed by operation " + operation);
      checks.atLeast("maxInFlight", maxInFlight.bytes(), 1);
    }

    boolean needsSchemas() {
      return format.needsSchema() || keyFormat.needsSchema();
    }

    private static void checkName(String component, @Nullable String value, Checks checks) {
      checks.require(
          value == null || NAME.matcher(value).matches(),
          component,
          "may only have letters, digits, dots, _ and -, at most 249");
    }

    private static void checkTemplate(String component, @Nullable String value, Checks checks) {
      checks.require(
          value == null || TEMPLATE.matcher(value).matches(),
          component,
          "%s has an unknown placeholder; allowed: {key}, {topic}, {partition}, {header.NAME}, {payload.a.b}"
              .formatted(Scalars.quote(String.valueOf(value))));
    }
  }

  /** Where a source starts when nothing is stored of an earlier run. */
  public enum StartFrom {
    EARLIEST,
    LATEST
  }

  /** What the bytes of a key or a value are. */
  public enum Format {
    /** UTF-8, taken as it is. */
    TEXT,
    /** JSON and nothing before it. */
    JSON,
    /** The three with the id of their schema in front, as Confluent's serializers write them. */
    AVRO,
    PROTOBUF,
    JSON_SCHEMA;

    /** Whether it cannot be read without the schema. */
    public boolean needsSchema() {
      return this == AVRO || this == PROTOBUF;
    }
  }

  /**
   * How Avro and protobuf values become JSON where there is a choice.
   *
   * @param decimals decimals of any length, exactly
   * @param bigIntegers whole numbers beyond 2^53 - 1, which JavaScript would round
   * @param timestamps ISO 8601 in UTC, or the number that the format has
   */
  public record JsonRules(NumberForm decimals, NumberForm bigIntegers, TimestampForm timestamps) {
    /** Nothing is lost, whoever reads it. */
    public static final JsonRules LOSSLESS =
        new JsonRules(NumberForm.TEXT, NumberForm.TEXT, TimestampForm.ISO);
  }

  /** A JSON string with the digits, or a JSON number, which readers may round. */
  public enum NumberForm {
    TEXT,
    NUMBER
  }

  /** How points in time are said. */
  public enum TimestampForm {
    ISO,
    NUMBER
  }
}
