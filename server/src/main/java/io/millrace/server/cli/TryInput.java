package io.millrace.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.mapping.SourceMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lines of text as messages of a source. */
final class TryInput {
  static final List<String> KEYS =
      List.of("key", "keyBase64", "value", "valueBase64", "headers", "timestamp", "topic");

  private final String topic;
  private final boolean raw;

  /**
   * @param raw whether a line is the value as it is
   */
  TryInput(KafkaConfig.Source source, boolean raw) {
    this.topic = source.topics().getFirst();
    this.raw = raw;
  }

  /** The message, empty if the line is none. */
  Optional<SourceMessage> message(String line, long offset) {
    return raw
        ? Optional.of(new SourceMessage(topic, 0, offset, 0, null, bytes(line), List.of()))
        : Json.parse(line)
            .filter(ObjectNode.class::isInstance)
            .map(ObjectNode.class::cast)
            .filter(object -> KEYS.containsAll(names(object)))
            .flatMap(object -> message(object, offset));
  }

  private Optional<SourceMessage> message(ObjectNode object, long offset) {
    try {
      return Optional.of(
          new SourceMessage(
              object.path("topic").asText(topic),
              0,
              offset,
              object.path("timestamp").asLong(0),
              key(object),
              value(object),
              headers(object)));
    } catch (IllegalArgumentException e) {
      // Not Base64.
      return Optional.empty();
    }
  }

  private static List<String> names(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** A string is the key's text; anything else is its JSON. */
  private static byte @Nullable [] key(ObjectNode object) {
    if (object.has("keyBase64")) {
      return Base64.getDecoder().decode(object.path("keyBase64").asText());
    }
    JsonNode key = object.get("key");
    return key == null || key.isNull()
        ? null
        : bytes(key.isTextual() ? key.textValue() : Json.text(key).text());
  }

  private static byte @Nullable [] value(ObjectNode object) {
    if (object.has("valueBase64")) {
      return Base64.getDecoder().decode(object.path("valueBase64").asText());
    }
    JsonNode value = object.get("value");
    return value == null || value.isNull() ? null : bytes(Json.text(value).text());
  }

  private static List<SourceMessage.Header> headers(ObjectNode object) {
    List<SourceMessage.Header> headers = new ArrayList<>();
    for (Map.Entry<String, JsonNode> header : object.path("headers").properties()) {
      JsonNode value = header.getValue();
      headers.add(
          new SourceMessage.Header(header.getKey(), value.isNull() ? null : bytes(value.asText())));
    }
    return headers;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
