package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.JsonPath;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something of a message that has a name in templates and conditions. */
sealed interface Field {

  /** What there is, for who wrote something else. */
  String CHOICES =
      "{key}, {key.FIELD}, {header.NAME}, {payload.FIELD}, {item}, {item.FIELD}, {row.FIELD},"
          + " {topic}, {partition}, {timestamp}, {timestamp:yyyy-MM-dd}";

  record Key() implements Field {}

  record KeyField(JsonPath path) implements Field {}

  record Header(String name) implements Field {}

  record Payload(JsonPath path) implements Field {}

  record Item() implements Field {}

  record ItemField(JsonPath path) implements Field {}

  record Row(JsonPath path) implements Field {}

  record Topic() implements Field {}

  record Partition() implements Field {}

  /**
   * @param format null: milliseconds since 1970
   */
  record Timestamp(@Nullable DateTimeFormatter format) implements Field {}

  /** The field that {@code name} names, as it stands between the braces of a placeholder. */
  static Optional<Field> named(String name) {
    return switch (name) {
      case "key" -> Optional.of(new Key());
      case "item" -> Optional.of(new Item());
      case "topic" -> Optional.of(new Topic());
      case "partition" -> Optional.of(new Partition());
      case "timestamp" -> Optional.of(new Timestamp(null));
      default -> longer(name);
    };
  }

  private static Optional<Field> longer(String name) {
    if (name.startsWith("timestamp:")) {
      return date(name.substring("timestamp:".length()));
    }
    int dot = name.indexOf('.');
    if (dot < 0 || dot == name.length() - 1) {
      return Optional.empty();
    }
    String rest = name.substring(dot + 1);
    Optional<JsonPath> path = JsonPath.parse(rest);
    return switch (name.substring(0, dot)) {
      case "header" -> Optional.of(new Header(rest));
      case "key" -> path.map(KeyField::new);
      case "payload" -> path.map(Payload::new);
      case "item" -> path.map(ItemField::new);
      case "row" -> path.map(Row::new);
      default -> Optional.empty();
    };
  }

  private static Optional<Field> date(String pattern) {
    try {
      DateTimeFormatter format =
          DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).withZone(ZoneOffset.UTC);
      return format.format(Instant.EPOCH).isEmpty()
          ? Optional.empty()
          : Optional.of(new Timestamp(format));
    } catch (RuntimeException e) {
      // Both the letters and what they ask for can be wrong.
      return Optional.empty();
    }
  }

  /** Whether a message without value cannot have it. */
  default boolean needsPayload() {
    return switch (this) {
      case Payload payload -> true;
      case Item item -> true;
      case ItemField field -> true;
      case Row row -> true;
      case Key key -> false;
      case KeyField field -> false;
      case Header header -> false;
      case Topic topic -> false;
      case Partition partition -> false;
      case Timestamp timestamp -> false;
    };
  }

  default boolean isOfItem() {
    return this instanceof Item || this instanceof ItemField;
  }

  /** What it is in the message, JSON null included. */
  default Attempt<JsonNode> value(Message message) {
    return switch (this) {
      case Key key -> message.key();
      case KeyField(JsonPath path) -> message.keyField(path);
      case Header(String name) -> message.header(name).map(Field::textNode);
      case Payload(JsonPath path) -> message.payloadField(path);
      case Item item -> message.item();
      case ItemField(JsonPath path) -> message.itemField(path);
      case Row(JsonPath path) -> message.rowField(path);
      case Topic topic -> Attempt.got(textNode(message.topic()));
      case Partition partition -> Attempt.got(textNode(Integer.toString(message.partition())));
      case Timestamp(DateTimeFormatter format) ->
          timestamp(message.timestamp(), format).map(Field::textNode);
    };
  }

  /** The text of a string, number or boolean. */
  default Attempt<String> text(Message message) {
    return value(message)
        .flatMap(
            value ->
                value.isValueNode() && !value.isNull()
                    ? Attempt.got(value.asText())
                    : Attempt.refused(describe() + " is no string, number or boolean"));
  }

  private static JsonNode textNode(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }

  private static Attempt<String> timestamp(long millis, @Nullable DateTimeFormatter format) {
    if (millis < 0) {
      return Attempt.absent("message has no timestamp");
    }
    return Attempt.got(
        format == null ? Long.toString(millis) : format.format(Instant.ofEpochMilli(millis)));
  }

  /** What it is, in reasons. */
  default String describe() {
    return switch (this) {
      case Key key -> "key";
      case KeyField(JsonPath path) -> "key field '" + path + "'";
      case Header(String name) -> "header '" + name + "'";
      case Payload(JsonPath path) -> "payload field '" + path + "'";
      case Item item -> "item";
      case ItemField(JsonPath path) -> "item field '" + path + "'";
      case Row(JsonPath path) -> "row field '" + path + "'";
      case Topic topic -> "topic";
      case Partition partition -> "partition";
      case Timestamp timestamp -> "timestamp";
    };
  }
}
