package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPath;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * JSON Merge Patch (RFC 7396), narrowed to the smallest place that it changes: a merge of one seat
 * into a record of 20,000 becomes one path write, which costs and sends no more than that seat.
 */
public final class MergePatch {

  /** The one write that a merge comes to. */
  sealed interface Narrowed {}

  record Put(JsonPath path, JsonNode value) implements Narrowed {}

  record Drop(JsonPath path) implements Narrowed {}

  record Nothing() implements Narrowed {}

  private MergePatch() {}

  /**
   * Follows the patch down as long as it has one key. Empty if it branches at the root, or if a key
   * on the way cannot be written as a path.
   */
  static Optional<Narrowed> narrow(ObjectNode target, ObjectNode patch) {
    StringBuilder path = new StringBuilder();
    ObjectNode here = target;
    ObjectNode change = patch;
    while (change.size() == 1) {
      Map.Entry<String, JsonNode> only = change.properties().iterator().next();
      String key = only.getKey();
      JsonNode value = only.getValue();
      if (!isPathKey(key)) {
        break;
      }
      JsonNode current = here.get(key);
      if (value.isNull()) {
        return current == null ? Optional.of(new Nothing()) : drop(path, key);
      }
      if (!(value instanceof ObjectNode deeper)) {
        return put(path, key, value);
      }
      if (!(current instanceof ObjectNode below)) {
        return put(path, key, merged(patch.objectNode(), deeper));
      }
      append(path, key);
      here = below;
      change = deeper;
    }
    if (path.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode value = merged(here, change);
    return JsonPath.parse(path.toString()).map(p -> new Put(p, value));
  }

  /** The target with the patch merged in, as a new tree. */
  public static ObjectNode merged(ObjectNode target, ObjectNode patch) {
    ObjectNode result = target.deepCopy();
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      String key = entry.getKey();
      JsonNode value = entry.getValue();
      if (value.isNull()) {
        result.remove(key);
      } else if (value instanceof ObjectNode deeper) {
        ObjectNode base =
            result.get(key) instanceof ObjectNode object ? object : result.objectNode();
        result.set(key, merged(base, deeper));
      } else {
        result.set(key, value);
      }
    }
    return result;
  }

  /** What is at the path, null if there is nothing. */
  static @Nullable JsonNode valueAt(@Nullable JsonNode root, JsonPath path) {
    JsonNode here = root;
    for (JsonPath.Step step : path.steps()) {
      if (here == null) {
        return null;
      }
      if (step instanceof JsonPath.Index index) {
        here =
            here instanceof ObjectNode object
                ? object.get(Integer.toString(index.index()))
                : here.get(index.index());
      } else if (step instanceof JsonPath.Key key) {
        here =
            here instanceof ArrayNode array ? elementOf(array, key.name()) : here.get(key.name());
      }
    }
    return here;
  }

  private static @Nullable JsonNode elementOf(ArrayNode array, String key) {
    return key.matches("0|[1-9]\\d{0,8}") ? array.get(Integer.parseInt(key)) : null;
  }

  private static Optional<Narrowed> put(StringBuilder path, String key, JsonNode value) {
    append(path, key);
    return JsonPath.parse(path.toString()).map(p -> new Put(p, value));
  }

  private static Optional<Narrowed> drop(StringBuilder path, String key) {
    append(path, key);
    return JsonPath.parse(path.toString()).map(Drop::new);
  }

  private static void append(StringBuilder path, String key) {
    if (!path.isEmpty()) {
      path.append('.');
    }
    path.append(key);
  }

  /** Whether the key means itself in a path; an all-digit key does so only within an object. */
  private static boolean isPathKey(String key) {
    return JsonPath.parse(key)
        .filter(path -> path.steps().size() == 1)
        .filter(path -> path.steps().get(0) instanceof JsonPath.Key only && only.name().equals(key))
        .isPresent();
  }
}
