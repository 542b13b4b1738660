package io.millrace.server.config;

import io.millrace.protocol.value.JsonPath;
import io.millrace.server.config.KafkaConfig.Condition;
import io.millrace.server.config.KafkaConfig.Envelope;
import io.millrace.server.config.KafkaConfig.Source;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which mappings make sense. What passes here can be run, whatever messages come. */
final class SourceRules {

  /** Kafka's rule for names of topics; for the others it keeps metrics and group names plain. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

  private static final String FIELDS =
      "key, key.FIELD, header.NAME, payload.FIELD, item, item.FIELD, row.FIELD, topic, partition,"
          + " timestamp, timestamp:yyyy-MM-dd";

  /** What a placeholder can begin with, and whether more may, must or must not follow. */
  private static final Set<String> WITHOUT_FIELD =
      Set.of("key", "item", "topic", "partition", "timestamp");

  private static final Set<String> WITH_FIELD = Set.of("key", "payload", "item", "row");

  private static final List<String> OPERATIONS =
      List.of("set", "patch", "merge", "erase", "delete", "json-patch");

  private static final List<String> ROW_OPERATIONS = List.of("set", "patch", "merge");

  private final Source source;
  private final Checks checks;
  private final boolean hasRows;

  private SourceRules(Source source, Checks checks) {
    this.source = source;
    this.checks = checks;
    this.hasRows =
        source.envelope() == Envelope.DEBEZIUM || source.envelope() == Envelope.FLATTENED;
  }

  static void check(Source source, Checks checks) {
    new SourceRules(source, checks).check();
  }

  static void check(Condition condition, Checks checks) {
    checks.require(
        isField(condition.field()),
        "field",
        "%s is no field; allowed: %s".formatted(Scalars.quote(condition.field()), FIELDS));
    checks.require(
        condition.equals() != null
            || condition.startsWith() != null
            || condition.exists() != null
            || !condition.in().isEmpty()
            || !condition.notIn().isEmpty(),
        "field",
        "has no condition; give one of equals, in, notIn, startsWith, exists");
  }

  private void check() {
    checkName("name", source.name());
    checks.notEmpty("topics", source.topics());
    source.topics().forEach(topic -> checkName("topics", topic));
    checkName("deadLetterTopic", source.deadLetterTopic());
    checkTemplate("record", source.record());
    checkTemplate("operation", source.operation());
    checkTemplate("path", source.path());
    checkTemplate("sequence", source.sequence());
    checkPlace("each", source.each(), Set.of("payload"));
    checkPlace("data", source.data(), Set.of("payload", "item", "row"));
    source
        .filter()
        .forEach(condition -> checkRoot("filter", condition.field(), rootOf(condition.field())));
    checkRecord();
    checkOperation();
    checkEnvelope();
  }

  private void checkRecord() {
    String record = source.record();
    checks.require(
        record != null || source.envelope() == Envelope.NATIVE,
        "record",
        "is missing; only messages of envelope native may say it themselves");
    checks.require(record == null || !record.isEmpty(), "record", "is empty");
  }

  private void checkOperation() {
    String operation = source.operation();
    boolean fixed = operation.indexOf('{') < 0;
    List<String> allowed = hasRows ? ROW_OPERATIONS : OPERATIONS;
    checks.require(
        fixed ? allowed.contains(operation) : !hasRows,
        "operation",
        "%s is not allowed; allowed: %s%s"
            .formatted(
                Scalars.quote(operation),
                String.join(", ", allowed),
                hasRows
                    ? ": with envelope " + Scalars.write(source.envelope()) + " events say the rest"
                    : ", or a template that yields one of them"));
    if (source.envelope() == Envelope.NATIVE) {
      return;
    }
    boolean hasPath = source.path() != null && !source.path().isEmpty();
    checks.require(
        hasPath || !(operation.equals("patch") || operation.equals("erase")),
        "path",
        "is needed by operation " + operation);
    checks.require(
        !hasPath || !List.of("set", "delete", "json-patch").contains(operation),
        "path",
        "is not used by operation %s, which is about the whole record; operation patch or merge is"
                .formatted(operation)
            + " about the path");
  }

  private void checkEnvelope() {
    if (source.envelope() == Envelope.NATIVE) {
      checkAbsent("path", source.path());
      checkAbsent("data", source.data());
    }
    if (source.envelope() != Envelope.NONE) {
      checkAbsent("each", source.each());
    }
  }

  private void checkAbsent(String component, @Nullable String value) {
    checks.require(
        value == null,
        component,
        "has no meaning with envelope %s: its messages say it themselves"
            .formatted(Scalars.write(source.envelope())));
  }

  private void checkName(String component, @Nullable String value) {
    checks.require(
        value == null || NAME.matcher(value).matches(),
        component,
        "may only have letters, digits, dots, _ and -, at most 249");
  }

  private void checkTemplate(String component, @Nullable String value) {
    if (value == null) {
      return;
    }
    Matcher placeholders = PLACEHOLDER.matcher(value);
    while (placeholders.find()) {
      String field = placeholders.group(1);
      if (isField(field)) {
        checkRoot(component, field, rootOf(field));
      } else {
        checks.reject(
            component,
            "%s has an unknown placeholder {%s}; allowed, each in braces: %s"
                .formatted(Scalars.quote(value), field, FIELDS));
      }
    }
    String rest = placeholders.replaceAll("");
    checks.require(
        rest.indexOf('{') < 0 && rest.indexOf('}') < 0,
        component,
        Scalars.quote(value) + " has a brace without its partner");
  }

  private void checkPlace(String component, @Nullable String value, Set<String> roots) {
    if (value == null) {
      return;
    }
    String root = rootOf(value);
    boolean good =
        roots.contains(root) && (root.equals(value) || (value.indexOf('.') > 0 && isField(value)));
    checks.require(
        good,
        component,
        "%s is no place; allowed: %s, alone or with .FIELD"
            .formatted(Scalars.quote(value), String.join(", ", roots.stream().sorted().toList())));
    if (good) {
      checkRoot(component, value, root);
    }
  }

  private void checkRoot(String component, String field, String root) {
    checks.require(
        !root.equals("item") || source.each() != null,
        component,
        Scalars.quote(field) + " needs the key each, which says what the items are");
    checks.require(
        !root.equals("row") || hasRows,
        component,
        Scalars.quote(field) + " needs envelope debezium or flattened; there are no rows else");
  }

  private static String rootOf(String field) {
    int end = 0;
    while (end < field.length() && Character.isLetter(field.charAt(end))) {
      end++;
    }
    return field.substring(0, end);
  }

  private static boolean isField(String field) {
    String root = rootOf(field);
    String rest = field.substring(root.length());
    if (rest.isEmpty()) {
      return WITHOUT_FIELD.contains(root);
    }
    String name = rest.substring(1);
    return switch (rest.charAt(0)) {
      case '.' ->
          root.equals("header")
              ? !name.isEmpty()
              : WITH_FIELD.contains(root) && JsonPath.parse(name).isPresent();
      case ':' -> root.equals("timestamp") && isDateFormat(name);
      default -> false;
    };
  }

  private static boolean isDateFormat(String pattern) {
    try {
      return !DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)
          .withZone(ZoneOffset.UTC)
          .format(Instant.EPOCH)
          .isEmpty();
    } catch (RuntimeException e) {
      // Both the letters and what they ask for can be wrong.
      return false;
    }
  }
}
