package io.millrace.protocol.value;

import io.millrace.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A place in a JSON document, in the client's own syntax (protocol §3.9): {@code a.b[2].c}. There
 * is no escape syntax, so keys that contain {@code .}, {@code [} or {@code ]} cannot be reached.
 *
 * <p>Clients apply their own writes before the server sees them, so a path has to mean here what it
 * means there, oddities included: {@code a]2} and {@code a[2} are {@code a[2]}, {@code a[]} is
 * {@code a}, {@code [0]} is index 0 of the member named "". Refused is what loses the value in the
 * client or sets something that is no data: no steps, an index that is no whole number, and the
 * names that JavaScript gives to prototypes.
 */
public record JsonPath(String text, List<Step> steps) {

  /** One step from a value into it. */
  public sealed interface Step {}

  /** Into an object; or, when the value is an array and the key a number, to that index. */
  public record Key(String name) implements Step {}

  /** Into an array; or, when the value is an object, to the member of that name. */
  public record Index(int index) implements Step {}

  private static final Set<String> FORBIDDEN = Set.of("__proto__", "constructor", "prototype");

  public JsonPath {
    steps = List.copyOf(steps);
  }

  /** The path that {@code text} says, or empty if it says none that may be used. */
  public static Optional<JsonPath> parse(String text) {
    List<Step> steps = new ArrayList<>();
    int start = 0;
    while (start <= text.length()) {
      int dot = text.indexOf('.', start);
      int end = dot < 0 ? text.length() : dot;
      if (!parsePart(JsText.trim(text.substring(start, end)), steps)
          || steps.size() > Limits.MAX_PATH_DEPTH) {
        return Optional.empty();
      }
      start = end + 1;
    }
    return steps.isEmpty() ? Optional.empty() : Optional.of(new JsonPath(text, steps));
  }

  /** Text before the first bracket is a key; whatever else is between brackets is an index. */
  private static boolean parsePart(String part, List<Step> steps) {
    if (part.isEmpty()) {
      return true;
    }
    int end = nextBracket(part, 0);
    String key = part.substring(0, end);
    if (FORBIDDEN.contains(key)) {
      return false;
    }
    steps.add(new Key(key));
    while (end < part.length() && steps.size() <= Limits.MAX_PATH_DEPTH) {
      int start = end + 1;
      end = nextBracket(part, start);
      if (end > start) {
        OptionalInt index = JsText.wholeNumber(part.substring(start, end));
        if (index.isEmpty()) {
          return false;
        }
        steps.add(new Index(index.getAsInt()));
      }
    }
    return true;
  }

  private static int nextBracket(String part, int from) {
    int at = from;
    while (at < part.length() && part.charAt(at) != '[' && part.charAt(at) != ']') {
      at++;
    }
    return at;
  }

  @Override
  public String toString() {
    return text;
  }
}
