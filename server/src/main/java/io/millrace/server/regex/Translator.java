package io.millrace.server.regex;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a regular expression as JavaScript does (with the leniency of its Annex B, but for the flag
 * u) and writes it in the syntax of RE2. For one source.
 *
 * <p>Nothing is left to RE2 that the dialects could see differently: sets are written as ranges,
 * case is folded here.
 */
final class Translator {
  /** Groups within groups; each costs stack here and in the matcher. */
  static final int MAX_DEPTH = 50;

  /** Stands for no upper limit. */
  private static final int UNLIMITED = -1;

  private record Repetition(int min, int max, boolean lazy) {}

  private final String source;
  private final RegexFlags flags;
  private final boolean captures;
  private final int maxSize;
  private final RegexCursor cursor;
  private final StringBuilder out = new StringBuilder();
  private final Set<String> groupNames = new HashSet<>();
  private final RegexLiteral.Builder literal = new RegexLiteral.Builder();
  private int depth;

  /**
   * @param captures whether groups do
   * @param maxSize largest program, in instructions
   */
  Translator(String source, RegexFlags flags, boolean captures, int maxSize) {
    this.source = source;
    this.flags = flags;
    this.captures = captures;
    this.maxSize = maxSize;
    this.cursor = new RegexCursor(source, flags.unicode());
  }

  String translate() throws RefusedException {
    int unused = disjunction();
    if (!cursor.isAtEnd()) {
      throw new RefusedException("a group is closed that is not open");
    }
    return out.toString();
  }

  /** Of what was translated. */
  RegexLiteral literal() {
    return flags.ignoreCase() ? RegexLiteral.NOTHING : literal.build();
  }

  private int disjunction() throws RefusedException {
    int size = alternative();
    while (cursor.take("|")) {
      out.append('|');
      if (depth == 0) {
        literal.drop();
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
    boolean isAssertion = takeAssertion(start);
    if (takeAnyRepetition()) {
      throw new RefusedException("there is nothing to repeat");
    }
    if (isAssertion) {
      return 1;
    }
    int outStart = out.length();
    int literalStart = literal.length();
    int size = atom();
    boolean isLiteral = literal.length() > literalStart;
    if (depth == 0 && !isLiteral) {
      literal.end(source.substring(start).equals(".*"));
    }
    Repetition repetition = takeRepetition();
    if (repetition == null) {
      return size;
    }
    if (isLiteral) {
      if (repetition.min() == 0) {
        literal.cut(literalStart);
      }
      literal.end(false);
    }
    return repeated(size, repetition, outStart);
  }

  private boolean takeAssertion(int start) {
    if (cursor.take("^")) {
      out.append(flags.multiLine() ? "(?m:^)" : "\\A");
    } else if (cursor.take("$")) {
      out.append(flags.multiLine() ? "(?m:$)" : "\\z");
    } else if (cursor.take("\\b")) {
      out.append("\\b");
    } else if (cursor.take("\\B")) {
      out.append("\\B");
    } else {
      return false;
    }
    if (start == 0 && source.startsWith("^") && !flags.multiLine()) {
      literal.anchor();
    } else if (depth == 0) {
      literal.end(false);
    }
    return true;
  }

  // --- repetitions

  private boolean takeAnyRepetition() throws RefusedException {
    return takeRepetition() != null;
  }

  private @Nullable Repetition takeRepetition() throws RefusedException {
    int start = cursor.position();
    if (cursor.take("*")) {
      return repetition(0, UNLIMITED);
    }
    if (cursor.take("+")) {
      return repetition(1, UNLIMITED);
    }
    if (cursor.take("?")) {
      return repetition(0, 1);
    }
    Repetition taken = takeBraces();
    if (taken == null) {
      // A brace that is just a brace.
      cursor.returnTo(start);
    }
    return taken;
  }

  private Repetition repetition(int min, int max) {
    return new Repetition(min, max, cursor.take("?"));
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
    Repetition taken = repetition(count(min), max.isEmpty() ? UNLIMITED : count(max));
    if (taken.max() != UNLIMITED && taken.max() < taken.min()) {
      throw new RefusedException("the numbers of a repetition are out of order");
    }
    return taken;
  }

  private int count(String digits) throws RefusedException {
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
      // RE2/J would lose the groups in it: it is there, but followed by what never comes.
      out.insert(outStart, "(?:");
      new CharRanges().appendTo(out);
      out.append(")?");
      return checked(size + 2L);
    }
    out.append('{').append(min);
    if (max == UNLIMITED) {
      out.append(",}");
    } else {
      out.append(',').append(max).append('}');
    }
    if (repetition.lazy()) {
      out.append('?');
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
      return set(flags.dotAll() ? CharRanges.ANY : CharRanges.LINE_ENDS.negated());
    }
    if (cursor.take("[")) {
      return set(characterClass());
    }
    if (!cursor.take("\\")) {
      return literal(cursor.takeLiteral());
    }
    CharRanges escaped = takeEscapedSet();
    return escaped == null ? literal(cursor.takeEscapedCharacter(false)) : set(escaped);
  }

  private int literal(int codePoint) {
    if (flags.ignoreCase()) {
      return set(folded(new CharRanges().add(codePoint, codePoint)));
    }
    if (depth == 0) {
      literal.add(codePoint);
    }
    CharRanges.appendCodePoint(out, codePoint);
    return 1;
  }

  private int set(CharRanges ranges) {
    ranges.appendTo(out);
    return ranges.size();
  }

  private int group() throws RefusedException {
    boolean captured = captures;
    if (cursor.take("?")) {
      if (cursor.take(":")) {
        captured = false;
      } else {
        groupName();
      }
    }
    if (depth == MAX_DEPTH) {
      throw new RefusedException("it is nested too deeply");
    }
    out.append(captured ? "(" : "(?:");
    depth++;
    int size = disjunction();
    depth--;
    if (!cursor.take(")")) {
      throw new RefusedException("a group is not closed");
    }
    out.append(')');
    return captured ? checked(size + 2L) : size;
  }

  private void groupName() throws RefusedException {
    if (cursor.isAt("=") || cursor.isAt("!") || cursor.isAt("<=") || cursor.isAt("<!")) {
      throw new RefusedException("looking ahead or behind is not supported");
    }
    String name = cursor.take("<") ? cursor.takeUntil(">") : "";
    boolean valid =
        !name.isEmpty()
            && !Character.isDigit(name.codePointAt(0))
            && name.codePoints().allMatch(c -> Character.isUnicodeIdentifierPart(c) || c == '$');
    if (!valid) {
      throw new RefusedException("a group begins with what is not supported");
    }
    if (!groupNames.add(name)) {
      throw new RefusedException("two groups have the same name");
    }
  }

  // --- classes; the bracket has been taken

  /** A set or, where there is none, one character. */
  private record ClassAtom(@Nullable CharRanges set, int codePoint) {
    void addTo(CharRanges sets, CharRanges characters) {
      if (set == null) {
        var unused = characters.add(codePoint, codePoint);
      } else {
        var unused = sets.addAll(set);
      }
    }
  }

  private CharRanges characterClass() throws RefusedException {
    boolean negated = cursor.take("^");
    CharRanges sets = new CharRanges();
    CharRanges characters = new CharRanges();
    while (!cursor.take("]")) {
      ClassAtom first = classAtom();
      if (cursor.isAt("-]") || !cursor.take("-")) {
        first.addTo(sets, characters);
        continue;
      }
      ClassAtom last = classAtom();
      if (first.set() == null && last.set() == null) {
        if (last.codePoint() < first.codePoint()) {
          throw new RefusedException("the ends of a range are out of order");
        }
        characters.add(first.codePoint(), last.codePoint());
      } else if (flags.unicode()) {
        throw new RefusedException("a range ends in a set");
      } else {
        // Between sets a hyphen is just a hyphen.
        first.addTo(sets, characters);
        last.addTo(sets, characters);
        characters.add('-', '-');
      }
    }
    CharRanges all = sets.addAll(flags.ignoreCase() ? folded(characters) : characters);
    return negated ? all.negated() : all;
  }

  private ClassAtom classAtom() throws RefusedException {
    if (!cursor.take("\\")) {
      return new ClassAtom(null, cursor.takeCodePoint("a class is not closed"));
    }
    CharRanges set = takeEscapedSet();
    return new ClassAtom(set, set == null ? cursor.takeEscapedCharacter(true) : 0);
  }

  // ---

  /** Escaped sets have both cases of their letters. */
  private @Nullable CharRanges takeEscapedSet() throws RefusedException {
    CharRanges word =
        flags.ignoreCase() && flags.unicode() ? CharRanges.FOLDED_WORD : CharRanges.WORD;
    return cursor.takeEscapedSet(word);
  }

  private CharRanges folded(CharRanges set) {
    return CaseFolding.of(flags.unicode()).closed(set);
  }

  private int checked(long size) throws RefusedException {
    if (size > maxSize) {
      throw new RefusedException("it is too large when its repetitions are written out");
    }
    return (int) size;
  }
}
