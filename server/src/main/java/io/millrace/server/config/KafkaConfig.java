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
 */
public record KafkaConfig(
    @Nullable String bootstrapServers,
    Map<String, String> properties,
    List<Source> sources,
    List<Changelog> changelog)
    implements Checked {
  public KafkaConfig {
    properties = Map.copyOf(properties);
    sources = List.copyOf(sources);
    changelog = List.copyOf(changelog);
  }

  /** Without changelogs. */
  public KafkaConfig(
      @Nullable String bootstrapServers, Map<String, String> properties, List<Source> sources) {
    this(bootstrapServers, properties, sources, List.of());
  }

  @Override
  public void check(Checks checks) {
    checks.require(
        sources.isEmpty() || bootstrapServers != null,
        "bootstrapServers",
        "is needed by kafka.sources; write for example localhost:9092");
    checks.unique("sources", "name", sources.stream().map(Source::name).toList());
    checks.require(
        changelog.isEmpty() || bootstrapServers != null,
        "bootstrapServers",
        "is needed by kafka.changelog; write for example localhost:9092");
    checks.unique("changelog", "name", changelog.stream().map(Changelog::name).toList());
    for (Source source : sources) {
      checks.require(
          changelog.stream().noneMatch(each -> each.topic().equals(source.deadLetterTopic())),
          "changelog",
          "topic %s is the dead-letter topic of source %s"
              .formatted(source.deadLetterTopic(), source.name()));
    }
    // Two that write one topic would overwrite each other's states.
    checks.unique("changelog", "topic", changelog.stream().map(Changelog::topic).toList());
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
      DataSize maxInFlight)
      implements Checked {

    /** What a source has where the file does not say. */
    static final String DEFAULTS =
        """
        operation: set
        startFrom: earliest
        maxInFlight: 8MiB
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
      Source.checkName("name", name, checks);
      Source.checkName("topic", topic, checks);
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
}
