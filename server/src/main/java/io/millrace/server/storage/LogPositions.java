package io.millrace.server.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How log positions stand in a column: {@code {"topic/partition":offset, ...}}. */
final class LogPositions {
  private static final String NONE = "{}";

  private LogPositions() {}

  static String text(Map<String, Long> positions) {
    if (positions.isEmpty()) {
      return NONE;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    positions.forEach((partition, offset) -> object.put(partition, offset.longValue()));
    return Json.text(object).text();
  }

  /** The positions that {@code text} says, or empty if it says none. */
  static Optional<Map<String, Long>> parse(String text) {
    if (text.equals(NONE)) {
      return Optional.of(Map.of());
    }
    Optional<JsonNode> value = Json.parse(text);
    if (value.isEmpty() || !value.get().isObject()) {
      return Optional.empty();
    }
    Map<String, Long> positions = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.get().properties()) {
      if (!entry.getValue().canConvertToLong() || !entry.getValue().isIntegralNumber()) {
        return Optional.empty();
      }
      positions.put(entry.getKey(), entry.getValue().longValue());
    }
    return Optional.of(positions);
  }
}
