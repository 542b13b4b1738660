package io.millrace.server.listen;

import io.millrace.server.listen.RegexCursor.RefusedException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a regular expression as JavaScript does (without flags, with the leniency of its Annex B)
 * and writes it in the syntax of RE2, which matches in linear time.
 *
 * <p>What needs backtracking is refused: lookaheads, lookbehinds, back references. So is what would
 * be too large a program once repetitions are written out, {@code (a{1000}){1000}} for example.
 *
 * <p>Groups capture nothing, and lazy quantifiers are greedy: it is only asked whether there is a
 * match. A character is a code point, where JavaScript without its {@code u} flag sees the two
 * halves of those beyond U+FFFF.
 */
final class JavaScriptRegex {

  /**
   * Largest program, in instructions. A search costs up to this many steps for each character of a
   * name, about 10 ms with the longest name; patterns that people write have fewer than a hundred.
   */
  static final int MAX_SIZE = 500;

  /** Groups within groups; each costs stack here and in the matcher. */
  static final int MAX_DEPTH = 50;

  /** Stands for no upper limit. */
  private static final int UNLIMITED = -1;

  /**
   * A regular expression in RE2's syntax.
   *
   * @param size instructions that it takes, about
   * @param literal what is in every match; at the start of the name if {@code anchored}
   * @param literalOnly whether a name that has the literal matches
   */
  record Translated(
      String regex, int size, String literal, boolean anchored, boolean literalOnly) {}

  private record Repetition(int min, int max) {}

  private final String source;
  private final RegexCursor cursor;
  private final StringBuilder out = new StringBuilder();
  private final Set<String> groupNames = new HashSet<>();
  private int depth;

  private final StringBuilder literal = new StringBuilder();
  private boolean anchored;

  /** Whether all so far was the literal. */
  private boolean literalOpen = true;

  private boolean literalOnly = true;

  private JavaScriptRegex(String source) {
    this.source = source;
    this.cursor = new RegexCursor(source);
  }

  /** The translation; empty if the source is not valid, or not served. */
  static Optional<Translated> translate(String source) {
    try {
      JavaScriptRegex regex = new JavaScriptRegex(source);
      int size = regex.disjunction();
      if (!regex.cursor.isAtEnd()) {
        return Optional.empty();
      }
      return Optional.of(
          new Translated(
              regex.out.toString(),
              size,
              regex.literal.toString(),
              regex.anchored,
              regex.literalOnly));
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  private int disjunction() throws RefusedException {
    int size = alternative();
    while (cursor.take("|")) {
      out.append('|');
      if (depth == 0) {
        literal.setLength(0);
        anchored = false;
        endLiteral(false);
      }
      size = checked(size + 1L + alternative());
    }
    return size;
  }

  private int alternative() throws RefusedException {
    int size = 0;
    while (!cursor.isAtEnd() && !cursor.isAt("|") && !cursor.isAt(")")) {
      size = checked((long) size + term());
    }
    return size;
  }

  private int term() throws RefusedException {
    int start = cursor.position();
    if (takeAssertion(start)) {
      if (takeRepetition() != null) {
        throw new RefusedException();
      }
      return 1;
    }
    if (takeRepetition() != null) {
      throw new RefusedException();
    }
    int outStart = out.length();
    int literalStart = literal.length();
    int size = atom();
    boolean isLiteral = literal.length() > literalStart;
    if (depth == 0 && literalOpen && !isLiteral) {
      endLiteral(source.substring(start).equals(".*"));
    }
    Repetition repetition = takeRepetition();
    if (repetition == null) {
      return size;
    }
    if (isLiteral) {
      if (repetition.min() == 0) {
        literal.setLength(literalStart);
      }
      endLiteral(false);
    }
    return repeated(size, repetition, outStart);
  }

  private boolean takeAssertion(int start) {
    if (cursor.take("^")) {
      out.append("\\A");
    } else if (cursor.take("$")) {
      out.append("\\z");
    } else if (cursor.take("\\b")) {
      out.append("\\b");
    } else if (cursor.take("\\B")) {
      out.append("\\B");
    } else {
      return false;
    }
    if (start == 0 && source.startsWith("^")) {
      anchored = true;
    } else if (depth == 0) {
      endLiteral(false);
    }
    return true;
  }

  // --- repetitions

  private @Nullable Repetition takeRepetition() throws RefusedException {
    int start = cursor.position();
    Repetition taken;
    if (cursor.take("*")) {
      taken = new Repetition(0, UNLIMITED);
    } else if (cursor.take("+")) {
      taken = new Repetition(1, UNLIMITED);
    } else if (cursor.take("?")) {
      taken = new Repetition(0, 1);
    } else {
      taken = takeBraces();
      if (taken == null) {
        // A brace that is just a brace.
        cursor.returnTo(start);
        return null;
      }
    }
    var unused = cursor.take("?");
    return taken;
  }

  private @Nullable Repetition takeBraces() throws RefusedException {
    if (!cursor.take("{")) {
      return null;
    }
    String min = cursor.takeDigits();
    boolean range = cursor.take(",");
    String max = range ? cursor.takeDigits() : min;
    if (min.isEmpty() || !cursor.take("}")) {
      return null;
    }
    Repetition taken = new Repetition(count(min), max.isEmpty() ? UNLIMITED : count(max));
    if (taken.max() != UNLIMITED && taken.max() < taken.min()) {
      throw new RefusedException();
    }
    return taken;
  }

  private static int count(String digits) throws RefusedException {
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      value = checked(value * 10L + digits.charAt(i) - '0');
    }
    return value;
  }

  private int repeated(int size, Repetition repetition, int outStart) throws RefusedException {
    int min = repetition.min();
    int max = repetition.max();
    if (max == 0) {
      out.setLength(outStart);
      out.append("(?:)");
      return 1;
    }
    out.append('{').append(min);
    if (max == UNLIMITED) {
      out.append(",}");
    } else {
      out.append(',').append(max).append('}');
    }
    long copies = max == UNLIMITED ? Math.max(1, min) : max;
    long branches = max == UNLIMITED ? 1 : max - min;
    return checked(Math.max(1, size) * copies + branches);
  }

  // --- atoms

  private int atom() throws RefusedException {
    if (cursor.take("(")) {
      return group();
    }
    if (cursor.take(".")) {
      return set(CharRanges.LINE_ENDS.negated());
    }
    if (cursor.take("[")) {
      return set(characterClass());
    }
    if (!cursor.take("\\")) {
      return literal(cursor.takeCodePoint());
    }
    CharRanges escaped = cursor.takeEscapedSet();
    return escaped == null ? literal(cursor.takeEscapedCharacter(false)) : set(escaped);
  }

  private int literal(int codePoint) {
    if (depth == 0 && literalOpen) {
      literal.appendCodePoint(codePoint);
    }
    CharRanges.appendCodePoint(out, codePoint);
    return 1;
  }

  private int set(CharRanges ranges) {
    ranges.appendTo(out);
    return ranges.size();
  }

  private int group() throws RefusedException {
    if (cursor.take("?") && !cursor.take(":")) {
      groupName();
    }
    if (depth == MAX_DEPTH) {
      throw new RefusedException();
    }
    out.append("(?:");
    depth++;
    int size = disjunction();
    depth--;
    if (!cursor.take(")")) {
      throw new RefusedException();
    }
    out.append(')');
    return size;
  }

  /** Refuses all other groups that begin with a question mark, too: they are assertions. */
  private void groupName() throws RefusedException {
    if (!cursor.take("<")) {
      throw new RefusedException();
    }
    String name = cursor.takeUntil(">");
    boolean valid =
        !name.isEmpty()
            && !Character.isDigit(name.codePointAt(0))
            && name.codePoints().allMatch(c -> Character.isUnicodeIdentifierPart(c) || c == '$');
    if (!valid || !groupNames.add(name)) {
      throw new RefusedException();
    }
  }

  // --- classes; the bracket has been taken

  /** A set or, where there is none, one character. */
  private record ClassAtom(@Nullable CharRanges set, int codePoint) {
    void addTo(CharRanges all) {
      if (set == null) {
        all.add(codePoint, codePoint);
      } else {
        all.addAll(set);
      }
    }
  }

  private CharRanges characterClass() throws RefusedException {
    boolean negated = cursor.take("^");
    CharRanges all = new CharRanges();
    while (!cursor.take("]")) {
      ClassAtom first = classAtom();
      if (cursor.isAt("-]") || !cursor.take("-")) {
        first.addTo(all);
        continue;
      }
      ClassAtom last = classAtom();
      if (first.set() == null && last.set() == null) {
        if (last.codePoint() < first.codePoint()) {
          throw new RefusedException();
        }
        all.add(first.codePoint(), last.codePoint());
      } else {
        // Between sets a hyphen is just a hyphen.
        first.addTo(all);
        last.addTo(all);
        all.add('-', '-');
      }
    }
    return negated ? all.negated() : all;
  }

  private ClassAtom classAtom() throws RefusedException {
    if (!cursor.take("\\")) {
      return new ClassAtom(null, cursor.takeCodePoint());
    }
    CharRanges set = cursor.takeEscapedSet();
    return new ClassAtom(set, set == null ? cursor.takeEscapedCharacter(true) : 0);
  }

  // ---

  /**
   * What follows is no part of the literal.
   *
   * @param only whether what follows matches anything
   */
  private void endLiteral(boolean only) {
    literalOpen = false;
    literalOnly = only;
  }

  private static int checked(long size) throws RefusedException {
    if (size > MAX_SIZE) {
      throw new RefusedException();
    }
    return (int) size;
  }
}
