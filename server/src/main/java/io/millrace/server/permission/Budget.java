package io.millrace.server.permission;

/**
 * How much one run of a rule may still do. A rule has no loops, so what it can spend time and
 * memory on is text that is large already; every character that it gets from a variable, or that a
 * function looks at, is paid for here. What it builds is then bounded, too: each text that is put
 * together was paid for part by part.
 */
final class Budget {
  /**
   * In characters: two of the largest records or messages, which take ten or twenty milliseconds
   * with the most expensive function.
   */
  static final long CHARACTERS = 2L << 20;

  private long left = CHARACTERS;

  void spend(long characters) {
    left -= characters;
    if (left < 0) {
      throw new RuleAbort("the rule looks at too much text");
    }
  }

  void refill() {
    left = CHARACTERS;
  }
}
