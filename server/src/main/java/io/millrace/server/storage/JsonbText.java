package io.millrace.server.storage;

import org.jspecify.annotations.Nullable;

/**
 * JSON text as PostgreSQL's {@code jsonb} can hold it.
 *
 * <p>{@code jsonb} is a value and not a text: it sorts keys, drops white space and writes numbers
 * out. All of that means the same to us. What it refuses does not: {@code \u0000} and halves of
 * surrogate pairs, both of which JavaScript sends; and a number with an exponent is written out, so
 * that {@code 1e99999} comes back as a hundred thousand digits. One client's record must not make
 * the others of its batch fail, nor grow on its way. So the few texts of that kind are kept as they
 * are beside the data, and the data shows something near to it: U+FFFD, or the number as a string.
 *
 * <p>Somebody who changes the data does not change the exact text. Whoever loads therefore compares
 * the data with what this text would be shown as, and takes the data where they differ.
 *
 * @param shown what goes into the column {@code data}
 * @param exact what {@code shown} stands for, or null when it stands for itself
 */
record JsonbText(String shown, @Nullable String exact) {

  /** From here on a number is shown as a string. */
  private static final int MAX_SHOWN_EXPONENT = 40;

  private static final int MAX_SHOWN_DIGITS = 1_000;
  private static final String REPLACEMENT = "\ufffd";
  private static final int ESCAPE_LENGTH = 6;

  /**
   * @param json valid JSON
   */
  static JsonbText of(String json) {
    return isPlain(json) ? new JsonbText(json, null) : new Translation(json).run();
  }

  /** The JSON as it is, in characters that UTF-8 can say. */
  String encodable() {
    return exact == null ? shown : exact;
  }

  /** Whether nothing in it needs a closer look. Most texts end here. */
  private static boolean isPlain(String json) {
    boolean digit = false;
    int digits = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (Character.isSurrogate(c)
          || (c == 'u' && i > 0 && json.charAt(i - 1) == '\\')
          || ((c == 'e' || c == 'E') && digit)) {
        return false;
      }
      digit = c >= '0' && c <= '9';
      digits = digit ? digits + 1 : 0;
      if (digits > MAX_SHOWN_DIGITS) {
        return false;
      }
    }
    return true;
  }

  /** One pass over the text. */
  private static final class Translation {
    private final String json;
    private final StringBuilder shown;
    private final StringBuilder exact;
    private boolean differs;
    private int at;

    Translation(String json) {
      this.json = json;
      this.shown = new StringBuilder(json.length());
      this.exact = new StringBuilder(json.length());
    }

    JsonbText run() {
      boolean inString = false;
      while (at < json.length()) {
        char c = json.charAt(at);
        if (c == '"') {
          inString = !inString;
          copy(1);
        } else if (inString) {
          character(c);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
          number();
        } else {
          copy(1);
        }
      }
      return differs
          ? new JsonbText(shown.toString(), exact.toString())
          : new JsonbText(json, null);
    }

    private void character(char c) {
      if (c == '\\') {
        escape();
      } else if (!Character.isSurrogate(c)) {
        copy(1);
      } else if (at + 1 < json.length() && Character.isSurrogatePair(c, json.charAt(at + 1))) {
        copy(2);
      } else {
        // Escaped, because no UTF-8 can say it.
        replace(1, REPLACEMENT, "\\u%04x".formatted((int) c));
      }
    }

    private void escape() {
      int unit = escaped(at);
      if (unit < 0) {
        copy(2);
      } else if (Character.isHighSurrogate((char) unit)
          && Character.isLowSurrogate((char) Math.max(0, escaped(at + ESCAPE_LENGTH)))) {
        copy(2 * ESCAPE_LENGTH);
      } else if (unit == 0 || Character.isSurrogate((char) unit)) {
        replace(ESCAPE_LENGTH, REPLACEMENT, json.substring(at, at + ESCAPE_LENGTH));
      } else {
        copy(ESCAPE_LENGTH);
      }
    }

    /** The UTF-16 unit that a backslash, u and four digits at {@code index} stand for, or -1. */
    private int escaped(int index) {
      return json.startsWith("\\u", index) && index + ESCAPE_LENGTH <= json.length()
          ? Integer.parseInt(json, index + 2, index + ESCAPE_LENGTH, 16)
          : -1;
    }

    private void number() {
      int end = at;
      int exponent = -1;
      while (end < json.length() && "+-.eE0123456789".indexOf(json.charAt(end)) >= 0) {
        if (json.charAt(end) == 'e' || json.charAt(end) == 'E') {
          exponent = end + 1;
        }
        end++;
      }
      String number = json.substring(at, end);
      boolean tooLong =
          number.length() > MAX_SHOWN_DIGITS
              || (exponent >= 0 && isLarge(json.substring(exponent, end)));
      if (tooLong) {
        replace(number.length(), '"' + number + '"', number);
      } else if (exponent >= 0) {
        replace(number.length(), number, number);
      } else {
        copy(number.length());
      }
    }

    private static boolean isLarge(String exponent) {
      try {
        return Math.abs(Integer.parseInt(exponent)) > MAX_SHOWN_EXPONENT;
      } catch (NumberFormatException e) {
        return true;
      }
    }

    private void copy(int length) {
      int end = Math.min(json.length(), at + length);
      shown.append(json, at, end);
      exact.append(json, at, end);
      at = end;
    }

    private void replace(int length, String inShown, String inExact) {
      shown.append(inShown);
      exact.append(inExact);
      at += length;
      differs = true;
    }
  }
}
