package io.millrace.server.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
    List<Source> sources,
    List<Changelog> changelog)
    implements Checked {
  public KafkaConfig {
    properties = Map.copyOf(properties);
    sources = List.copyOf(sources);
    changelog = List.copyOf(changelog);
  }

  /** Without a schema registry and changelogs. */
  public KafkaConfig(
      @Nullable String bootstrapServers, Map<String, String> properties, List<Source> sources) {
    this(bootstrapServers, properties, SchemaRegistryConfig.NONE, sources, List.of());
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
    checks.require(
        changelog.isEmpty() || bootstrapServers != null,
        "bootstrapServers",
        "is needed by kafka.changelog; write for example localhost:9092");
    checks.unique("changelog", "name", changelog.stream().map(Changelog::name).toList());
    for (Source source : sources) {
      Set<String> deadLetters =
          source.topics().stream().map(source::deadLettersOf).collect(Collectors.toSet());
      for (Changelog each : changelog) {
        checks.require(
            !deadLetters.contains(each.topic()),
            "changelog",
            "topic %s is the dead-letter topic of source %s; write another one"
                .formatted(each.topic(), source.name()));
      }
    }
    // Two that write one topic would overwrite each other's states.
    checks.unique("changelog", "topic", changelog.stream().map(Changelog::topic).toList());
  }

  /**
   * One mapping of topics to records. Templates are text with placeholders: {@code {key}}, {@code
   * {key.a.b}}, {@code {header.NAME}}, {@code {payload.a.b}}, {@code {item.a}}, {@code {row.a}},
   * {@code {topic}}, {@code {partition}}, {@code {timestamp}}, {@code {timestamp:yyyy-MM-dd}}.
   *
   * @param name the source's name in logs, metrics and errors; unique
   * @param topics what is consumed
   * @param group the consumer group; absent: {@code millrace-} and the source's name
   * @param envelope what payloads are: the data itself, or changes in a form that is known
   * @param each the array in the payload whose items are a change each, as {@code payload.a.b};
   *     absent: the message is one change
   * @param filter conditions that must all hold, else the message or item is left out
   * @param record template of the record name; only native envelopes can say it themselves
   * @param operation template that yields set, patch, merge, erase, delete or json-patch
   * @param path template of the JSON path that is changed; absent or empty: the whole record
   * @param data where the value is, as {@code payload.a.b}, {@code item.a} or {@code row.a};
   *     absent: the whole payload, item or row
   * @param sequence template of the Host's own number of the change; absent: it has none
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
      Envelope envelope,
      @Nullable String each,
      List<Condition> filter,
      @Nullable String record,
      String operation,
      @Nullable String path,
      @Nullable String data,
      @Nullable String sequence,
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
        envelope: none
        operation: set
        startFrom: earliest
        maxInFlight: 8MiB
        format: json
        keyFormat: text
        toJson: { decimals: text, bigIntegers: text, timestamps: iso }
        """;

    public Source {
      topics = List.copyOf(topics);
      filter = List.copyOf(filter);
    }

    @Override
    public void check(Checks checks) {
      SourceRules.check(this, checks);
      checks.atLeast("maxInFlight", maxInFlight.bytes(), 1);
    }

    /** Where messages of {@code topic} go that cannot be applied. */
    public String deadLettersOf(String topic) {
      return deadLetterTopic == null ? topic + ".dlq" : deadLetterTopic;
    }

    /** Whether its messages cannot be read without a schema registry. */
    public boolean needsSchemas() {
      return format.needsSchema() || keyFormat.needsSchema();
    }
  }

  /** What the payload of a message is. */
  public enum Envelope {
    /** The data itself. */
    NONE,
    /** {@code {record, op, path, data}}, or an array of these. */
    NATIVE,
    /** A change event of Debezium. */
    DEBEZIUM,
    /** A row, as Debezium's ExtractNewRecordState leaves it. */
    FLATTENED
  }

  /**
   * A condition on one field: whatever is given of it must hold. Values are compared as text; a
   * field that is missing or null is none of {@code in} and one of {@code notIn}.
   *
   * @param field what a placeholder can name, without braces: {@code payload.type}
   */
  public record Condition(
      String field,
      @Nullable String equals,
      List<String> in,
      List<String> notIn,
      @Nullable String startsWith,
      @Nullable Boolean exists)
      implements Checked {
    public Condition {
      in = List.copyOf(in);
      notIn = List.copyOf(notIn);
    }

    @Override
    public void check(Checks checks) {
      SourceRules.check(this, checks);
    }
  }

  /**
   * A topic that is told what becomes of records.
   *
   * @param name in logs and metrics; unique
   * @param topic where to; no other changelog's
   * @param records names of records, with {@code *} for any characters
   * @param createTopic whether a missing topic is created
   * @param partitions of a topic that is created
   * @param replicationFactor of a topic that is created; absent: the broker's default
   * @param warmStart whether a fresh cluster takes over what the topic says before it is ready
   */
  public record Changelog(
      String name,
      String topic,
      List<String> records,
      Content content,
      boolean createTopic,
      int partitions,
      @Nullable Integer replicationFactor,
      boolean warmStart)
      implements Checked {

    /** What a changelog has where the file does not say. */
    static final String DEFAULTS =
        """
        records: ["*"]
        content: state
        createTopic: true
        partitions: 12
        warmStart: false
        """;

    public Changelog {
      records = List.copyOf(records);
    }

    @Override
    public void check(Checks checks) {
      SourceRules.checkName("name", name, checks);
      SourceRules.checkName("topic", topic, checks);
      checks.notEmpty("records", records);
      checks.between("partitions", partitions, 1, 10_000);
      if (replicationFactor != null) {
        checks.between("replicationFactor", replicationFactor, 1, Short.MAX_VALUE);
      }
      checks.require(
          !warmStart || content == Content.STATE,
          "warmStart",
          "needs content: state, since deltas that were deleted are missing");
    }
  }

  /** What a changelog is told. */
  public enum Content {
    /** What each record has become. */
    STATE,
    /** Each change, and the state where one may be missing. */
    DELTAS
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
