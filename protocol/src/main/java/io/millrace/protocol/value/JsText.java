package io.millrace.protocol.value;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What JavaScript makes of text, as far as paths need it: {@code trim()} and {@code Number()}. */
final class JsText {
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]+([eE][+-]?[0-9]+)?");
  private static final Pattern PREFIXED =
      Pattern.compile("0(?:[xX]([0-9a-fA-F]+)|[oO]([0-7]+)|[bB]([01]+))");
  private static final int MAX_PLAIN_DIGITS = 9;

  private JsText() {}

  static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** {@code Number(text)}, if that is a whole number that fits; text of blanks is 0. */
  static OptionalInt wholeNumber(String text) {
    String trimmed = trim(text);
    if (trimmed.isEmpty()) {
      return OptionalInt.of(0);
    }
    if (trimmed.length() <= MAX_PLAIN_DIGITS && isDigits(trimmed)) {
      return OptionalInt.of(Integer.parseInt(trimmed));
    }
    double value = number(trimmed);
    // The comparison is false for NaN.
    return value == (int) value ? OptionalInt.of((int) value) : OptionalInt.empty();
  }

  private static double number(String text) {
    if (DECIMAL.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    Matcher prefixed = PREFIXED.matcher(text);
    if (!prefixed.matches()) {
      return Double.NaN;
    }
    if (prefixed.group(1) != null) {
      return digits(prefixed.group(1), 16);
    }
    return prefixed.group(2) != null ? digits(prefixed.group(2), 8) : digits(prefixed.group(3), 2);
  }

  private static double digits(String digits, int radix) {
    double value = 0;
    for (int i = 0; i < digits.length(); i++) {
      value = value * radix + Character.digit(digits.charAt(i), radix);
    }
    return value;
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** White space and line ends in the sense of ECMAScript, which differs from both of Java's. */
  private static boolean isSpace(char c) {
    return switch (c) {
      case '\t', '\n', '\u000b', '\f', '\r', '\u00a0', '\u2028', '\u2029', '\ufeff' -> true;
      default -> Character.getType(c) == Character.SPACE_SEPARATOR;
    };
  }
}
