package io.millrace.protocol.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** How long JSON text is, without writing it. */
public final class JsonSize {
  private static final int QUOTES = 2;
  private static final int SHORT_ESCAPE = 2;
  private static final int UNICODE_ESCAPE = 6;

  private JsonSize() {}

  /** The exact length of {@link Json#text} of {@code node}, in UTF-16 units. */
  public static long of(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> ofObject((ObjectNode) node);
      case ARRAY -> ofArray(node);
      case STRING -> ofString(node.textValue());
      case NUMBER -> ofNumber(node);
      case NULL -> "null".length();
      case BOOLEAN -> node.booleanValue() ? "true".length() : "false".length();
      case BINARY, MISSING, POJO -> Json.text(node).text().length();
    };
  }

  /** The length of a string with its quotes and escapes. */
  static long ofString(String text) {
    long size = QUOTES + (long) text.length();
    for (int i = 0; i < text.length(); i++) {
      size += escapeLength(text.charAt(i)) - 1;
    }
    return size;
  }

  private static int escapeLength(char c) {
    if (c >= ' ') {
      return c == '"' || c == '\\' ? SHORT_ESCAPE : 1;
    }
    return switch (c) {
      case '\b', '\t', '\n', '\f', '\r' -> SHORT_ESCAPE;
      default -> UNICODE_ESCAPE;
    };
  }

  private static long ofObject(ObjectNode object) {
    long size = 2 + separators(object.size());
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      size += ofString(member.getKey()) + 1 + of(member.getValue());
    }
    return size;
  }

  private static long ofArray(JsonNode array) {
    long size = 2 + separators(array.size());
    for (JsonNode element : array) {
      size += of(element);
    }
    return size;
  }

  /** The commas between {@code count} members. */
  static long separators(int count) {
    return Math.max(0, count - 1);
  }

  private static long ofNumber(JsonNode number) {
    if (number.isIntegralNumber() && number.canConvertToLong()) {
      return ofLong(number.longValue());
    }
    // Infinity, which 1e999 is read as, is written in quotes.
    boolean quoted =
        (number.isDouble() || number.isFloat()) && !Double.isFinite(number.doubleValue());
    return number.asText().length() + (quoted ? QUOTES : 0);
  }

  private static long ofLong(long value) {
    if (value == Long.MIN_VALUE) {
      return Long.toString(value).length();
    }
    long rest = Math.abs(value);
    int digits = 1;
    while (rest >= 10) {
      rest /= 10;
      digits++;
    }
    return value < 0 ? digits + 1 : digits;
  }
}
