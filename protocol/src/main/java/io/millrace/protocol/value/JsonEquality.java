package io.millrace.protocol.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When two values of JSON are the same to JSON Patch. Pure. */
public final class JsonEquality {
  private JsonEquality() {}

  /** Numbers are equal when their values are (RFC 6902 §4.6): 1 and 1.0. */
  public static boolean areEqual(JsonNode left, @Nullable JsonNode right) {
    if (right == null || left.size() != right.size()) {
      return false;
    }
    if (left.isNumber() && right.isNumber()) {
      return left.decimalValue().compareTo(right.decimalValue()) == 0;
    }
    if (left instanceof ArrayNode && right instanceof ArrayNode) {
      Iterator<JsonNode> others = right.iterator();
      for (JsonNode each : left) {
        if (!areEqual(each, others.next())) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof ObjectNode object && right instanceof ObjectNode) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        if (!areEqual(member.getValue(), right.get(member.getKey()))) {
          return false;
        }
      }
      return true;
    }
    return left.equals(right);
  }
}
