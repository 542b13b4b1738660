package io.millrace.protocol.value;

import com.fasterxml.jackson.databind.JsonNode;

/** How deeply JSON is nested: a document that is too deep could not be read again. */
public final class JsonDepth {

  private JsonDepth() {}

  /** A scalar has depth 0, an empty object or array 1. Looks no deeper than {@code max}. */
  public static boolean isAtMost(int max, JsonNode node) {
    if (!node.isContainerNode()) {
      return max >= 0;
    }
    if (max <= 0) {
      return false;
    }
    for (JsonNode member : node) {
      if (member.isContainerNode() && !isAtMost(max - 1, member)) {
        return false;
      }
    }
    return true;
  }
}
