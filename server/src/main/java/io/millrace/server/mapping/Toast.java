package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Values that Debezium does not know: PostgreSQL keeps large ones apart (TOAST) and its log leaves
 * them out of updates that do not change them. A placeholder stands in their place, in the shape of
 * the column's type.
 */
final class Toast {
  private static final String PLACEHOLDER = "__debezium_unavailable_value";
  private static final String AS_BYTES =
      Base64.getEncoder().encodeToString(PLACEHOLDER.getBytes(StandardCharsets.UTF_8));

  private Toast() {}

  /** The columns of a row that are not known. */
  static Set<String> unavailable(JsonNode row) {
    Set<String> names = Set.of();
    for (Map.Entry<String, JsonNode> column : row.properties()) {
      if (isUnavailable(column.getValue())) {
        names = names.isEmpty() ? new LinkedHashSet<>() : names;
        names.add(column.getKey());
      }
    }
    return names;
  }

  static boolean isUnavailable(JsonNode value) {
    if (value.isTextual()) {
      return value.textValue().equals(PLACEHOLDER) || value.textValue().equals(AS_BYTES);
    }
    return value.size() == 1
        && (value.isArray()
            ? value.get(0).isTextual() && isUnavailable(value.get(0))
            : value.has(PLACEHOLDER));
  }
}
