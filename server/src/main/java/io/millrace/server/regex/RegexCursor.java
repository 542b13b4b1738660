package io.millrace.server.regex;

import org.jspecify.annotations.Nullable;

/** A place in the source of a JavaScript regular expression, and how its escapes are read. */
final class RegexCursor {
  /** What can be escaped with the flag u. */
  private static final String SYNTAX_CHARACTERS = "^$\\.*+?()[]{}|/";

  private final String source;
  private final boolean strict;
  private int at;

  /** How many groups capture, and whether one of them has a name: escapes depend on it. */
  private int groups;

  private boolean namedGroups;

  /**
   * @param strict without the leniency of Annex B: the flag u
   */
  RegexCursor(String source, boolean strict) {
    this.source = source;
    this.strict = strict;
    boolean inClass = false;
    for (int i = 0; i < source.length(); i++) {
      switch (source.charAt(i)) {
        case '\\' -> i++;
        case '[' -> inClass = true;
        case ']' -> inClass = false;
        case '(' -> countGroup(inClass, i + 1);
        default -> {}
      }
    }
  }

  private void countGroup(boolean inClass, int inside) {
    boolean named =
        source.startsWith("?<", inside)
            && !source.startsWith("?<=", inside)
            && !source.startsWith("?<!", inside);
    if (!inClass && (named || !source.startsWith("?", inside))) {
      groups++;
      namedGroups |= named;
    }
  }

  int position() {
    return at;
  }

  boolean isAtEnd() {
    return at == source.length();
  }

  boolean isAt(String text) {
    return source.startsWith(text, at);
  }

  /** Takes the text if it is what comes next. */
  boolean take(String text) {
    if (!isAt(text)) {
      return false;
    }
    at += text.length();
    return true;
  }

  /** The next UTF-16 unit, which is not taken; 0 at the end. */
  char peek() {
    return isAtEnd() ? 0 : source.charAt(at);
  }

  /** A character that stands for itself; none that begins something else is next. */
  int takeLiteral() throws RefusedException {
    if (strict && (isAt("{") || isAt("}") || isAt("]"))) {
      throw new RefusedException("a bracket is not escaped");
    }
    return takeCodePoint("it ends too early");
  }

  /**
   * @param otherwise why it is refused if there is nothing left
   */
  int takeCodePoint(String otherwise) throws RefusedException {
    if (isAtEnd()) {
      throw new RefusedException(otherwise);
    }
    int codePoint = source.codePointAt(at);
    at += Character.charCount(codePoint);
    return codePoint;
  }

  /** Takes all before the text, and the text. */
  String takeUntil(String text) throws RefusedException {
    int end = source.indexOf(text, at);
    if (end < 0) {
      throw new RefusedException("a group's name does not end");
    }
    String taken = source.substring(at, end);
    at = end + text.length();
    return taken;
  }

  String takeDigits() {
    int start = at;
    while (isDigit(peek())) {
      at++;
    }
    return source.substring(start, at);
  }

  void returnTo(int position) {
    at = position;
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The set that an escape stands for, if it does; the backslash has been taken. */
  @Nullable CharRanges takeEscapedSet(CharRanges word) throws RefusedException {
    if (strict && (isAt("p") || isAt("P"))) {
      throw new RefusedException("\\" + peek() + " is not supported");
    }
    CharRanges set =
        switch (peek()) {
          case 'd' -> CharRanges.DIGITS;
          case 'D' -> CharRanges.DIGITS.negated();
          case 'w' -> word;
          case 'W' -> word.negated();
          case 's' -> CharRanges.SPACE;
          case 'S' -> CharRanges.SPACE.negated();
          default -> null;
        };
    if (set != null) {
      at++;
    }
    return set;
  }

  /** The character that an escape stands for; the backslash has been taken. */
  int takeEscapedCharacter(boolean inClass) throws RefusedException {
    char c = peek();
    if (isDigit(c)) {
      return number(inClass);
    }
    if (c == 'c') {
      return control(inClass);
    }
    if (c == 'k' && namedGroups) {
      throw refersBack("k");
    }
    int codePoint = takeCodePoint("it ends in a backslash");
    return switch (c) {
      case 'b' -> '\b';
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'v' -> 0x0b;
      case 'f' -> '\f';
      case 'r' -> '\r';
      case 'x' -> hex(2, 'x');
      case 'u' -> unit(inClass);
      default -> {
        boolean allowed = SYNTAX_CHARACTERS.indexOf(codePoint) >= 0 || (inClass && c == '-');
        if (strict && !allowed) {
          throw new RefusedException("\\" + Character.toString(codePoint) + " means nothing");
        }
        yield codePoint;
      }
    };
  }

  /** A back reference, which is refused, or what it means when there is no such group. */
  private int number(boolean inClass) throws RefusedException {
    int start = at;
    String digits = takeDigits();
    at = start;
    boolean reference = !inClass && digits.charAt(0) != '0' && digits.length() < 5;
    if (reference && Integer.parseInt(digits) <= groups) {
      throw refersBack(digits);
    }
    if (strict && !digits.equals("0")) {
      throw new RefusedException("\\" + digits + " means nothing");
    }
    if (digits.charAt(0) > '7') {
      at++;
      return digits.charAt(0);
    }
    int value = 0;
    for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; i++) {
      int next = value * 8 + peek() - '0';
      if (next > 0xff) {
        break;
      }
      value = next;
      at++;
    }
    return value;
  }

  private static RefusedException refersBack(String to) {
    return new RefusedException("\\" + to + " refers back to a group, which is not supported");
  }

  private int control(boolean inClass) throws RefusedException {
    char letter = at + 1 < source.length() ? source.charAt(at + 1) : ' ';
    boolean valid =
        (letter >= 'A' && letter <= 'Z')
            || (letter >= 'a' && letter <= 'z')
            || (inClass && !strict && (letter == '_' || isDigit(letter)));
    if (!valid && strict) {
      throw new RefusedException("\\c has no letter");
    }
    if (!valid) {
      // The backslash itself is meant; the c comes next.
      return '\\';
    }
    at += 2;
    return letter % 32;
  }

  /** So many hexadecimal digits, or else the letter before them. */
  private int hex(int digits, int letter) throws RefusedException {
    int value = hexAt(at, digits);
    if (value < 0 && strict) {
      throw new RefusedException("a character's code is not complete");
    }
    if (value < 0) {
      return letter;
    }
    at += digits;
    return value;
  }

  private int hexAt(int from, int digits) {
    if (from + digits > source.length()) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = source.charAt(i) > 'f' ? -1 : Character.digit(source.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }

  /** A UTF-16 unit; together with its other half, if that follows, the code point. */
  private int unit(boolean inClass) throws RefusedException {
    if (strict && take("{")) {
      return codeInBraces();
    }
    int value = hex(4, 'u');
    if ((strict || !inClass) && value >= 0xd800 && value <= 0xdbff && isAt("\\u")) {
      int low = hexAt(at + 2, 4);
      if (low >= 0xdc00 && low <= 0xdfff) {
        at += 6;
        return Character.toCodePoint((char) value, (char) low);
      }
    }
    return value;
  }

  private int codeInBraces() throws RefusedException {
    int digits = source.indexOf('}', at) - at;
    int value = digits > 0 && digits <= 8 ? hexAt(at, digits) : -1;
    if (value < 0 || value > Character.MAX_CODE_POINT) {
      throw new RefusedException("a character's code is not complete");
    }
    at += digits + 1;
    return value;
  }
}
