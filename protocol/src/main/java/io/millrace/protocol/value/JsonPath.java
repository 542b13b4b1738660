package io.millrace.protocol.value;

import io.millrace.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A place in a JSON document, in the client's own syntax (protocol §3.9): {@code a.b[2].c}. There
 * is no escape syntax, so keys that contain {@code .}, {@code [} or {@code ]} cannot be reached.
 */
public record JsonPath(String text, List<Step> steps) {

  /** One step from a value into it. */
  public sealed interface Step {}

  /** Into an object; or, when the value is an array and the key a number, to that index. */
  public record Key(String name) implements Step {}

  /** Into an array. */
  public record Index(int index) implements Step {}

  private static final Set<String> FORBIDDEN = Set.of("__proto__", "constructor", "prototype");

  public JsonPath {
    steps = List.copyOf(steps);
  }

  /** The path that {@code text} says, or empty if it says none that may be used. */
  public static Optional<JsonPath> parse(String text) {
    List<Step> steps = new ArrayList<>();
    for (String raw : text.split("\\.", -1)) {
      String part = raw.trim();
      if (!part.isEmpty() && !parsePart(part, steps)) {
        return Optional.empty();
      }
    }
    if (steps.isEmpty() || steps.size() > Limits.MAX_PATH_DEPTH) {
      return Optional.empty();
    }
    return Optional.of(new JsonPath(text, steps));
  }

  /** {@code key[1][2]}: text before the first bracket is a key, each bracket an index. */
  private static boolean parsePart(String part, List<Step> steps) {
    int bracket = part.indexOf('[');
    String key = bracket < 0 ? part : part.substring(0, bracket);
    if (FORBIDDEN.contains(key)) {
      return false;
    }
    steps.add(new Key(key));
    int at = bracket;
    while (at >= 0 && at < part.length()) {
      int end = part.indexOf(']', at);
      if (part.charAt(at) != '[' || end < 0) {
        return false;
      }
      Optional<Index> index = parseIndex(part.substring(at + 1, end));
      if (index.isEmpty()) {
        return false;
      }
      steps.add(index.get());
      at = end + 1;
    }
    return true;
  }

  private static Optional<Index> parseIndex(String digits) {
    if (digits.isEmpty() || digits.length() > 9) {
      return Optional.empty();
    }
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(new Index(Integer.parseInt(digits)));
  }

  @Override
  public String toString() {
    return text;
  }
}
