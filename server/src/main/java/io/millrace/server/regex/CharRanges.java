package io.millrace.server.regex;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A set of code points, written as a character class that needs no knowledge of any dialect. */
final class CharRanges {
  /** They are looked through by halves, and copies of a set share them. */
  private static final int RANGES_PER_INSTRUCTION = 8;

  static final CharRanges DIGITS = new CharRanges().add('0', '9');
  static final CharRanges WORD =
      new CharRanges().add('0', '9').add('A', 'Z').add('_', '_').add('a', 'z');

  /** With what equals letters of it by Unicode: the long s, and the sign for kelvin. */
  static final CharRanges FOLDED_WORD =
      new CharRanges().addAll(WORD).add(0x17f, 0x17f).add(0x212a, 0x212a);

  static final CharRanges ANY = new CharRanges().add(0, Character.MAX_CODE_POINT);

  /** What JavaScript takes for white space. */
  static final CharRanges SPACE =
      new CharRanges()
          .add('\t', '\r')
          .add(' ', ' ')
          .add(0xa0, 0xa0)
          .add(0x1680, 0x1680)
          .add(0x2000, 0x200a)
          .add(0x2028, 0x2029)
          .add(0x202f, 0x202f)
          .add(0x205f, 0x205f)
          .add(0x3000, 0x3000)
          .add(0xfeff, 0xfeff);

  /** What a dot does not match. */
  static final CharRanges LINE_ENDS =
      new CharRanges().add('\n', '\n').add('\r', '\r').add(0x2028, 0x2029);

  /** The first code point of each range, and the last; ranges do not touch. */
  private final TreeMap<Integer, Integer> ranges = new TreeMap<>();

  CharRanges add(int first, int last) {
    int from = first;
    int to = last;
    Map.Entry<Integer, Integer> before = ranges.floorEntry(to + 1);
    while (before != null && before.getValue() >= from - 1) {
      from = Math.min(from, before.getKey());
      to = Math.max(to, before.getValue());
      ranges.remove(before.getKey());
      before = ranges.floorEntry(to + 1);
    }
    ranges.put(from, to);
    return this;
  }

  CharRanges addAll(CharRanges other) {
    other.ranges.forEach(this::add);
    return this;
  }

  CharRanges negated() {
    CharRanges rest = new CharRanges();
    int next = 0;
    for (Map.Entry<Integer, Integer> range : ranges.entrySet()) {
      if (range.getKey() > next) {
        rest.add(next, range.getKey() - 1);
      }
      next = range.getValue() + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      rest.add(next, Character.MAX_CODE_POINT);
    }
    return rest;
  }

  void forEach(BiConsumer<Integer, Integer> range) {
    ranges.forEach(range);
  }

  /** How much it adds to a program, in instructions. */
  int size() {
    return 1 + ranges.size() / RANGES_PER_INSTRUCTION;
  }

  void appendTo(StringBuilder out) {
    if (ranges.isEmpty()) {
      out.append("[^\\x{0}-\\x{10ffff}]");
      return;
    }
    out.append('[');
    ranges.forEach(
        (first, last) -> {
          appendCodePoint(out, first);
          out.append('-');
          appendCodePoint(out, last);
        });
    out.append(']');
  }

  static void appendCodePoint(StringBuilder out, int codePoint) {
    out.append("\\x{").append(Integer.toHexString(codePoint)).append('}');
  }
}
