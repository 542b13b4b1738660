package io.millrace.server.permission;

import io.millrace.server.permission.RuleSyntax.NotAllowed;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The source of a JavaScript regular expression in the dialect of RE2. What the dialects say
 * differently is spelled out, what RE2 does not have is refused, and so is what would become very
 * large: counted repetitions are copies to RE2, and nested ones multiply.
 */
final class RegexTranslator {
  private static final int MAX_LENGTH = 1000;

  /** Matching costs this much per character of the text; and RE2 itself has no limit. */
  private static final int MAX_PARTS = 1000;

  private static final String SPACES =
      "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
          + "\\x{feff}";
  private static final String NOT_DOT = "\\n\\r\\x{2028}\\x{2029}";

  private final String source;
  private final boolean dotAll;
  private final StringBuilder out = new StringBuilder();
  private final Deque<Long> groups = new ArrayDeque<>();
  private int at;
  private long parts;

  /** Of the last atom, which a quantifier would repeat. */
  private long lastParts;

  RegexTranslator(String source, boolean dotAll) {
    this.source = source;
    this.dotAll = dotAll;
  }

  String translate() throws NotAllowed {
    if (source.length() > MAX_LENGTH) {
      throw refused("longer than " + MAX_LENGTH + " characters");
    }
    while (at < source.length()) {
      char c = source.charAt(at++);
      switch (c) {
        case '\\' -> atom(escape(false));
        case '[' -> atom(characterClass());
        case '.' -> atom(dotAll ? "." : "[^" + NOT_DOT + "]");
        case '(' -> open();
        case ')' -> close();
        case '{' -> count();
        case '*', '+', '?', '|', '^', '$' -> out.append(c);
        case ']', '}' -> atom("\\" + c);
        default -> atom(String.valueOf(c));
      }
      if (parts > MAX_PARTS) {
        throw refused("too large when its repetitions are written out");
      }
    }
    return out.toString();
  }

  private void atom(String text) {
    out.append(text);
    lastParts = 1;
    parts++;
  }

  private void open() throws NotAllowed {
    groups.push(parts);
    if (!source.startsWith("?", at)) {
      out.append('(');
    } else if (source.startsWith("?:", at)) {
      out.append("(?:");
      at += 2;
    } else if (source.startsWith("?<", at)
        && !source.startsWith("?<=", at)
        && !source.startsWith("?<!", at)) {
      out.append("(?P<");
      at += 2;
    } else {
      throw refused("looking ahead or behind, which is not supported");
    }
  }

  private void close() throws NotAllowed {
    Long before = groups.poll();
    if (before == null) {
      throw refused("closing a group that is not open");
    }
    out.append(')');
    parts++;
    lastParts = parts - before;
  }

  /** A counted repetition; or, as in JavaScript, just a brace. */
  private void count() {
    int end = source.indexOf('}', at);
    String text = end < 0 ? "" : source.substring(at, end);
    if (!text.matches("[0-9]{1,9}(,[0-9]{0,9})?")) {
      atom("\\{");
      return;
    }
    int copies = 1;
    for (String number : text.split(",", -1)) {
      copies = Math.max(copies, number.isEmpty() ? 1 : Integer.parseInt(number));
    }
    parts += lastParts * (copies - 1);
    out.append('{').append(text).append('}');
    at = end + 1;
  }

  private String characterClass() throws NotAllowed {
    var text = new StringBuilder("[");
    boolean negated = source.startsWith("^", at);
    if (negated) {
      at++;
    }
    if (source.startsWith("]", at)) {
      // Nothing and anything: RE2 would take the bracket as a member.
      at++;
      return negated ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{0}-\\x{10FFFF}]";
    }
    if (negated) {
      text.append('^');
    }
    while (at < source.length()) {
      char c = source.charAt(at++);
      switch (c) {
        case ']' -> {
          return text.append(']').toString();
        }
        case '\\' -> text.append(escape(true));
        case '[' -> text.append("\\[");
        default -> text.append(c);
      }
    }
    throw refused("without the end of a class");
  }

  private String escape(boolean inClass) throws NotAllowed {
    if (at == source.length()) {
      throw refused("ending in a backslash");
    }
    char c = source.charAt(at++);
    return switch (c) {
      case 'd', 'D', 'w', 'W', 'n', 'r', 't', 'f', 'v' -> "\\" + c;
      case 'b' -> inClass ? "\\x{8}" : "\\b";
      case 'B' -> "\\B";
      case 's' -> inClass ? SPACES : "[" + SPACES + "]";
      case 'S' -> {
        if (inClass) {
          throw refused("with \\S within a class, which is not supported");
        }
        yield "[^" + SPACES + "]";
      }
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case '0' -> "\\x{0}";
      case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k', 'p', 'P', 'c' ->
          throw refused("with \\" + c + ", which is not supported");
      default -> isWordPart(c) ? String.valueOf(c) : "\\" + c;
    };
  }

  private String hex(int digits) throws NotAllowed {
    int end = at + digits;
    if (end > source.length() || !source.substring(at, end).matches("[0-9a-fA-F]+")) {
      throw refused("with an incomplete character code");
    }
    String code = "\\x{" + source.substring(at, end) + "}";
    at = end;
    return code;
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c > 127;
  }

  private static NotAllowed refused(String what) {
    return new NotAllowed("has a regular expression " + what);
  }
}
