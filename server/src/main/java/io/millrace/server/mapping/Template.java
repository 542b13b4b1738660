package io.millrace.server.mapping;

import io.millrace.protocol.value.JsonPath;
import java.util.ArrayList;
import java.util.List;

/**
 * Text with placeholders that messages fill in: {@code {key}}, {@code {header.NAME}}, {@code
 * {payload.a.b}}, {@code {topic}}, {@code {partition}}. There is no way to write a literal brace. A
 * placeholder that is missing or empty in a message refuses it.
 */
final class Template {

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private record Key() implements Part {}

  private record Header(String name) implements Part {}

  private record Payload(JsonPath path) implements Part {}

  private record Topic() implements Part {}

  private record Partition() implements Part {}

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
      parts.add(placeholder(purpose, text.substring(open + 1, close)));
      at = close + 1;
    }
    return parts;
  }

  private static Part placeholder(String purpose, String name) {
    if (name.equals("key")) {
      return new Key();
    }
    if (name.equals("topic")) {
      return new Topic();
    }
    if (name.equals("partition")) {
      return new Partition();
    }
    if (name.startsWith("header.") && name.length() > "header.".length()) {
      return new Header(name.substring("header.".length()));
    }
    if (name.startsWith("payload.")) {
      return JsonPath.parse(name.substring("payload.".length()))
          .<Part>map(Payload::new)
          .orElseThrow(() -> unknown(purpose, name));
    }
    throw unknown(purpose, name);
  }

  private static IllegalArgumentException unknown(String purpose, String name) {
    return new IllegalArgumentException(
        purpose
            + " template: {"
            + name
            + "} is none of {key}, {header.NAME}, {payload.FIELD}, {topic}, {partition}");
  }

  /** Whether the text is the same for every message. */
  boolean isConstant() {
    return parts.stream().allMatch(Literal.class::isInstance);
  }

  boolean needsPayload() {
    return parts.stream().anyMatch(Payload.class::isInstance);
  }

  boolean needsHeader() {
    return parts.stream().anyMatch(Header.class::isInstance);
  }

  Attempt<String> render(Message message) {
    Attempt<String> text = Attempt.got("");
    for (Part part : parts) {
      text = text.flatMap(before -> fill(part, message).map(before::concat));
    }
    return text.because(" needed by " + purpose + " template");
  }

  private Attempt<String> fill(Part part, Message message) {
    return switch (part) {
      case Literal(String text) -> Attempt.got(text);
      case Key() -> message.key().flatMap(value -> check(value, "key"));
      case Header(String name) ->
          message.header(name).flatMap(value -> check(value, "header '" + name + "'"));
      case Payload(JsonPath path) ->
          message.field(path).flatMap(value -> check(value, "payload field '" + path + "'"));
      case Topic() -> check(message.topic(), "topic");
      case Partition() -> Attempt.got(Integer.toString(message.partition()));
    };
  }

  private Attempt<String> check(String value, String what) {
    if (value.isEmpty()) {
      return Attempt.refused("empty " + what);
    }
    if (makesPath && !isPartOfKey(value)) {
      return Attempt.refused(
          what + " with '.', '[', ']' or outer blanks, which no key of a path can have,");
    }
    return Attempt.got(value);
  }

  private static boolean isPartOfKey(String value) {
    return value.chars().noneMatch(c -> c == '.' || c == '[' || c == ']')
        && value.equals(value.trim());
  }
}
