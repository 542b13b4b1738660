package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * One value put at one path, as tree and as text: the record adopts the tree, everybody else gets
 * the text. Both null: what is at the path is erased.
 */
public record PathWrite(JsonPath path, @Nullable JsonNode value, @Nullable JsonText text) {
  public PathWrite {
    if ((value == null) != (text == null)) {
      throw new IllegalArgumentException("a path write has tree and text, or neither");
    }
  }

  static PathWrite erase(JsonPath path) {
    return new PathWrite(path, null, null);
  }

  static PathWrite of(JsonPath path, JsonNode value) {
    return new PathWrite(path, value, Json.text(value));
  }
}
