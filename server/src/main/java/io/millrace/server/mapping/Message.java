package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A message as templates see it. The payload is parsed once, when it is first asked for. */
final class Message {
  private final SourceMessage message;
  private @Nullable Attempt<JsonNode> payload;

  Message(SourceMessage message) {
    this.message = message;
  }

  String topic() {
    return message.topic();
  }

  int partition() {
    return message.partition();
  }

  boolean hasPayload() {
    return message.value() != null;
  }

  Attempt<String> key() {
    byte[] key = message.key();
    return key == null ? Attempt.refused("message has no key") : text(key, "key");
  }

  Attempt<String> header(String name) {
    byte[] header = message.header(name);
    return header == null
        ? Attempt.refused("message has no header '" + name + "'")
        : text(header, "header '" + name + "'");
  }

  /** The text of a string, number or boolean in the payload. */
  Attempt<String> field(JsonPath path) {
    return at(path)
        .flatMap(
            value ->
                value.isValueNode() && !value.isNull()
                    ? Attempt.got(value.asText())
                    : Attempt.refused(
                        "payload field '" + path + "' is no string, number or boolean"));
  }

  /** What is at {@code path} of the payload; JSON null counts as something. */
  Attempt<JsonNode> at(JsonPath path) {
    return payload()
        .flatMap(
            root -> {
              JsonNode value = root;
              for (JsonPath.Step step : path.steps()) {
                value = into(value, step);
                if (value == null) {
                  return Attempt.refused("payload has no field '" + path + "'");
                }
              }
              return Attempt.got(value);
            });
  }

  private static @Nullable JsonNode into(JsonNode value, JsonPath.Step step) {
    return switch (step) {
      case JsonPath.Key(String name) when value.isArray() && name.matches("[0-9]{1,9}") ->
          value.get(Integer.parseInt(name));
      case JsonPath.Key(String name) -> value.get(name);
      case JsonPath.Index(int index) -> value.get(index);
    };
  }

  /** The whole value of the message. */
  Attempt<JsonNode> payload() {
    if (payload == null) {
      payload = parse(message.value());
    }
    return payload;
  }

  private static Attempt<JsonNode> parse(byte @Nullable [] value) {
    if (value == null) {
      return Attempt.refused("message has no value");
    }
    return text(value, "payload")
        .flatMap(
            text ->
                Json.parse(text)
                    .map(Attempt::got)
                    .orElse(
                        Attempt.refused(
                            "payload is not one JSON value of at most "
                                + Limits.MAX_JSON_DEPTH
                                + " levels")));
  }

  private static Attempt<String> text(byte[] bytes, String what) {
    try {
      // Unlike new String(...), a fresh decoder reports bad bytes instead of replacing them.
      return Attempt.got(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Attempt.refused(what + " is not UTF-8");
    }
  }
}
