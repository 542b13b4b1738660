package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPath;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The smallest place that holds all that has changed in a document. A patch of one seat in a large
 * record is to be sent to everybody as that seat, and not as the record.
 */
sealed interface Difference {

  record None() implements Difference {}

  /** The value at a path; null when it is gone. */
  record At(String path, @Nullable JsonNode value) implements Difference {}

  /** More than a path can say. */
  record Whole() implements Difference {}

  static Difference between(JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return new None();
    }
    StringBuilder path = new StringBuilder();
    JsonNode old = before;
    JsonNode now = after;
    while (old instanceof ObjectNode oldObject && now instanceof ObjectNode newObject) {
      String key = onlyChange(oldObject, newObject);
      if (key == null || !isPathKey(key)) {
        break;
      }
      JsonNode oldValue = oldObject.get(key);
      JsonNode newValue = newObject.get(key);
      path.append(path.isEmpty() ? "" : ".").append(key);
      if (oldValue == null || newValue == null) {
        return at(path, newValue);
      }
      old = oldValue;
      now = newValue;
    }
    return path.isEmpty() ? new Whole() : at(path, now);
  }

  private static Difference at(StringBuilder path, @Nullable JsonNode value) {
    String text = path.toString();
    return JsonPath.parse(text).isPresent() ? new At(text, value) : new Whole();
  }

  /** The one key whose value differs, null if there are several. */
  private static @Nullable String onlyChange(ObjectNode before, ObjectNode after) {
    String found = null;
    for (Map.Entry<String, JsonNode> member : before.properties()) {
      if (!member.getValue().equals(after.get(member.getKey()))) {
        if (found != null) {
          return null;
        }
        found = member.getKey();
      }
    }
    for (Map.Entry<String, JsonNode> member : after.properties()) {
      if (!before.has(member.getKey())) {
        if (found != null) {
          return null;
        }
        found = member.getKey();
      }
    }
    return found;
  }

  /** Whether the key means itself in a path. */
  private static boolean isPathKey(String key) {
    return JsonPath.parse(key)
        .filter(path -> path.steps().size() == 1)
        .filter(path -> path.steps().get(0) instanceof JsonPath.Key only && only.name().equals(key))
        .isPresent();
  }
}
