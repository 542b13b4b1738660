package io.millrace.server.regex;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which characters JavaScript takes for the same when case does not matter. RE2 knows more of them:
 * to JavaScript, unless the flag u is there, nothing beyond ASCII equals anything in it, and a
 * letter whose other case is two letters only equals itself.
 */
final class CaseFolding {
  private static final @Nullable CaseFolding[] KNOWN = new CaseFolding[2];

  /** Those that equal a character, itself among them; only where there are others. */
  private final TreeMap<Integer, List<Integer>> equal = new TreeMap<>();

  private CaseFolding(boolean unicode) {
    Map<Integer, List<Integer>> byFolded = new HashMap<>();
    int last = unicode ? Character.MAX_CODE_POINT : Character.MAX_VALUE;
    for (int c = 0; c <= last; c++) {
      int folded = unicode ? simpleFold(c) : upperCase((char) c);
      byFolded.computeIfAbsent(folded, none -> new ArrayList<>(1)).add(c);
    }
    for (List<Integer> all : byFolded.values()) {
      if (all.size() > 1) {
        all.forEach(c -> equal.put(c, all));
      }
    }
  }

  /** Takes some milliseconds the first time, when rules are read. */
  static synchronized CaseFolding of(boolean unicode) {
    int index = unicode ? 1 : 0;
    CaseFolding known = KNOWN[index];
    if (known == null) {
      known = new CaseFolding(unicode);
      KNOWN[index] = known;
    }
    return known;
  }

  /** The set and all that equals something in it. */
  CharRanges closed(CharRanges set) {
    CharRanges all = new CharRanges().addAll(set);
    set.forEach(
        (first, last) ->
            equal
                .subMap(first, true, last, true)
                .values()
                .forEach(others -> others.forEach(c -> all.add(c, c))));
    return all;
  }

  /** Unicode's simple case folding; the Turkish letters for i have a case of their own. */
  private static int simpleFold(int c) {
    boolean isTurkish = c == 0x130 || c == 0x131;
    return isTurkish ? c : Character.toLowerCase(Character.toUpperCase(c));
  }

  /** ECMAScript's Canonicalize without the flag u. */
  private static int upperCase(char c) {
    String upper = String.valueOf(c).toUpperCase(Locale.ROOT);
    boolean isTwo = upper.length() != 1;
    return isTwo || (c > 127 && upper.charAt(0) <= 127) ? c : upper.charAt(0);
  }
}
