package io.millrace.server.mapping;

import java.util.ArrayList;
import java.util.List;

/**
 * Text with placeholders that messages fill in: {@code {key}}, {@code {header.NAME}}, {@code
 * {payload.a.b}} and the like, see {@link Field}. There is no way to write a literal brace. A
 * placeholder that is missing or empty in a message refuses it.
 */
final class Template {

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private record Placeholder(Field field) implements Part {}

  private final String purpose;
  private final boolean makesPath;
  private final List<Part> parts;

  private Template(String purpose, boolean makesPath, List<Part> parts) {
    this.purpose = purpose;
    this.makesPath = makesPath;
    this.parts = List.copyOf(parts);
  }

  /**
   * A template whose text is used as it is.
   *
   * @param purpose what it is for, in reasons: {@code record}
   * @throws IllegalArgumentException if {@code text} is no template
   */
  static Template of(String purpose, String text) {
    return new Template(purpose, false, parts(purpose, text));
  }

  /**
   * A template whose text is a JSON path. Placeholders then stand for one key or a part of it: what
   * would mean more than that (dots, brackets) or be trimmed away refuses the message.
   *
   * @throws IllegalArgumentException if {@code text} is no template
   */
  static Template ofPath(String text) {
    return new Template("path", true, parts("path", text));
  }

  private static List<Part> parts(String purpose, String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      int close = text.indexOf('}', at);
      if (open < 0 && close < 0) {
        parts.add(new Literal(text.substring(at)));
        return parts;
      }
      if (open < 0 || close < open) {
        throw new IllegalArgumentException(
            purpose + " template '" + text + "' has a brace without its partner");
      }
      if (open > at) {
        parts.add(new Literal(text.substring(at, open)));
      }
      String name = text.substring(open + 1, close);
      parts.add(
          Field.named(name)
              .map(Placeholder::new)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s template: {%s} is none of %s"
                              .formatted(purpose, name, Field.CHOICES))));
      at = close + 1;
    }
    return parts;
  }

  /** Whether the text is the same for every message. */
  boolean isConstant() {
    return parts.stream().allMatch(Literal.class::isInstance);
  }

  boolean needsHeader() {
    return parts.stream()
        .anyMatch(
            part -> part instanceof Placeholder(Field field) && field instanceof Field.Header);
  }

  Attempt<String> render(Message message) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (fill(part, message)) {
        case Attempt.Got<String>(String filled) -> text.append(filled);
        case Attempt.Refused<String> refused -> {
          return refused.because(" needed by " + purpose + " template");
        }
        case Attempt.Skipped<String> skipped -> {
          return skipped;
        }
        case Attempt.Unavailable<String> unavailable -> {
          return unavailable;
        }
      }
    }
    return Attempt.got(text.toString());
  }

  private Attempt<String> fill(Part part, Message message) {
    return switch (part) {
      case Literal(String text) -> Attempt.got(text);
      case Placeholder(Field field) -> field.text(message).flatMap(value -> check(value, field));
    };
  }

  private Attempt<String> check(String value, Field field) {
    if (value.isEmpty()) {
      return Attempt.refused("empty " + field.describe());
    }
    if (makesPath && !isPartOfKey(value)) {
      return Attempt.refused(
          field.describe()
              + " with '.', '[', ']' or outer blanks, which no key of a path can have,");
    }
    return Attempt.got(value);
  }

  private static boolean isPartOfKey(String value) {
    return value.chars().noneMatch(c -> c == '.' || c == '[' || c == ']')
        && value.equals(value.trim());
  }
}
