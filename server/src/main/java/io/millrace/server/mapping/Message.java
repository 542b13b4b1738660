package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import org.jspecify.annotations.Nullable;

/**
 * A message as templates see it, or one item or row of it. Key and payload are decoded once, when
 * they are first asked for.
 */
final class Message {
  private final SourceMessage message;
  private final Formats formats;
  private final @Nullable JsonNode item;
  private final @Nullable Row row;
  private @Nullable Attempt<JsonNode> payload;
  private @Nullable Attempt<JsonNode> key;

  /**
   * How messages of a source are read.
   *
   * @param unwraps whether {@code {schema, payload}} around a key or payload is taken off
   */
  record Formats(PayloadFormat key, PayloadFormat value, boolean unwraps) {}

  /**
   * @param isGone whether it was deleted: then there may be no more of it than its key
   */
  private record Row(JsonNode fields, boolean isGone) {}

  Message(SourceMessage message, Formats formats) {
    this(message, formats, null, null);
  }

  private Message(
      SourceMessage message, Formats formats, @Nullable JsonNode item, @Nullable Row row) {
    this.message = message;
    this.formats = formats;
    this.item = item;
    this.row = row;
  }

  /** The same message, about one of its items. */
  Message about(JsonNode itemOfIt) {
    return sharing(new Message(message, formats, itemOfIt, null));
  }

  /** The same message, about a row of a database. */
  Message about(JsonNode fields, boolean isGone) {
    return sharing(new Message(message, formats, null, new Row(fields, isGone)));
  }

  private Message sharing(Message other) {
    other.payload = payload;
    other.key = key;
    return other;
  }

  String topic() {
    return message.topic();
  }

  int partition() {
    return message.partition();
  }

  long timestamp() {
    return message.timestamp();
  }

  boolean hasPayload() {
    return message.value() != null;
  }

  /** Whether it is about a row that is not there any more. */
  boolean isGone() {
    return row != null && row.isGone();
  }

  Attempt<String> header(String name) {
    byte[] header = message.header(name);
    return header == null
        ? Attempt.absent("message has no header '" + name + "'")
        : TextFormat.text(header, "header '" + name + "'");
  }

  /** The whole key; a structured one is of no use as text. */
  Attempt<JsonNode> key() {
    return formats.unwraps() ? structuredKey() : plainKey();
  }

  Attempt<JsonNode> keyField(JsonPath path) {
    return structuredKey().flatMap(root -> field(root, path, "key"));
  }

  private Attempt<JsonNode> plainKey() {
    if (key == null) {
      byte[] bytes = message.key();
      key =
          bytes == null
              ? Attempt.absent("message has no key")
              : attempt(formats.key().decode(message, true, bytes));
    }
    return key;
  }

  /** Text that is a JSON object counts as that. */
  private Attempt<JsonNode> structuredKey() {
    return plainKey()
        .map(
            node ->
                node.isTextual()
                    ? Json.parse(node.textValue()).filter(JsonNode::isObject).orElse(node)
                    : node)
        .map(this::unwrapped);
  }

  /** The whole value of the message. */
  Attempt<JsonNode> payload() {
    if (payload == null) {
      byte[] bytes = message.value();
      payload =
          bytes == null
              ? Attempt.absent("message has no value")
              : attempt(formats.value().decode(message, false, bytes)).map(this::unwrapped);
    }
    return payload;
  }

  Attempt<JsonNode> payloadField(JsonPath path) {
    return payload().flatMap(root -> field(root, path, "payload"));
  }

  Attempt<JsonNode> item() {
    return item == null ? Attempt.absent("message has no items") : Attempt.got(item);
  }

  Attempt<JsonNode> itemField(JsonPath path) {
    return item().flatMap(root -> field(root, path, "item"));
  }

  Attempt<JsonNode> row() {
    return row == null ? Attempt.absent("message has no row") : Attempt.got(row.fields());
  }

  /** What a deleted row lacks may be in the key. */
  Attempt<JsonNode> rowField(JsonPath path) {
    Attempt<JsonNode> own = row().flatMap(root -> field(root, path, "row"));
    boolean has = own instanceof Attempt.Got<JsonNode>(JsonNode value) && !value.isNull();
    if (has || !isGone()) {
      return own;
    }
    return keyField(path) instanceof Attempt.Got<JsonNode> inKey ? inKey : own;
  }

  private static Attempt<JsonNode> attempt(PayloadFormat.Decoded decoded) {
    return switch (decoded) {
      case PayloadFormat.Decoded.Value(JsonNode json) -> Attempt.got(json);
      case PayloadFormat.Decoded.Refused(String reason) -> Attempt.refused(reason);
      case PayloadFormat.Decoded.Unavailable(String reason, var until) ->
          new Attempt.Unavailable<>(reason, until);
    };
  }

  /** Kafka Connect's JSON converter puts the schema beside the payload. */
  private JsonNode unwrapped(JsonNode value) {
    if (formats.unwraps()
        && value instanceof ObjectNode object
        && object.size() == 2
        && object.has("schema")) {
      JsonNode inner = object.get("payload");
      return inner == null ? value : inner;
    }
    return value;
  }

  /** What is at {@code path}; JSON null counts as something. */
  static Attempt<JsonNode> field(JsonNode root, JsonPath path, String what) {
    JsonNode value = root;
    for (JsonPath.Step step : path.steps()) {
      value = into(value, step);
      if (value == null) {
        return Attempt.absent(what + " has no field '" + path + "'");
      }
    }
    return Attempt.got(value);
  }

  private static @Nullable JsonNode into(JsonNode value, JsonPath.Step step) {
    return switch (step) {
      case JsonPath.Key(String name) when value.isArray() && name.matches("[0-9]{1,9}") ->
          value.get(Integer.parseInt(name));
      case JsonPath.Key(String name) -> value.get(name);
      case JsonPath.Index(int index) -> value.get(index);
    };
  }
}
