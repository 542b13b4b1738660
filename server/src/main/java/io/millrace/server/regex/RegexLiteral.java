package io.millrace.server.regex;

/**
 * What is in every match. Most expressions are a path with something behind it: texts without that
 * path, which are most texts, are told apart without running a program.
 *
 * @param text empty if nothing is known
 * @param anchored whether it is at the start of the text
 * @param complete whether a text that has it matches
 */
record RegexLiteral(String text, boolean anchored, boolean complete) {
  static final RegexLiteral NOTHING = new RegexLiteral("", false, false);

  boolean isIn(String searched) {
    return anchored ? searched.startsWith(text) : searched.contains(text);
  }

  /** How many characters may have to be compared to find it in so long a text. */
  long comparisons(int length) {
    return anchored ? 0 : (long) text.length() * Math.max(0, length - text.length());
  }

  /** Collects the literal while an expression is read; only of what is in no group. */
  static final class Builder {
    private final StringBuilder text = new StringBuilder();
    private boolean anchored;

    /** Whether all so far was the literal. */
    private boolean open = true;

    private boolean complete = true;

    int length() {
      return text.length();
    }

    void add(int codePoint) {
      if (open) {
        text.appendCodePoint(codePoint);
      }
    }

    void anchor() {
      anchored = true;
    }

    /** Takes back what was added after the text was so long: it need not be there. */
    void cut(int length) {
      text.setLength(length);
    }

    /**
     * What follows is no part of the literal.
     *
     * @param always whether what follows matches anything
     */
    void end(boolean always) {
      complete = open && always;
      open = false;
    }

    /** Either this or something else. */
    void drop() {
      text.setLength(0);
      anchored = false;
      end(false);
    }

    RegexLiteral build() {
      return new RegexLiteral(text.toString(), anchored, complete);
    }
  }
}
