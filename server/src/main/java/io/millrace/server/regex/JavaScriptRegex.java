package io.millrace.server.regex;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A JavaScript regular expression, matched in time linear to the text: by RE2, which does not go
 * back. Immutable, from any thread.
 *
 * <p>What needs going back is refused: look-ahead, look-behind, back references. So is what would
 * be too large a program once repetitions are written out, {@code (a{1000}){1000}} for example.
 *
 * <p>Otherwise it means what it means in JavaScript, but for this:
 *
 * <ul>
 *   <li>A character is a code point, where JavaScript without the flag u sees the two halves of
 *       those beyond U+FFFF.
 *   <li>With the flag m, a line begins and ends at {@code \n} only.
 *   <li>With the flag u, {@code \p} is refused; with i besides, {@code \b} knows ASCII only.
 *   <li>A repetition may end with a round that matches nothing, and a group in it keeps what it
 *       matched in earlier rounds. This can change what is found, and not whether something is.
 * </ul>
 */
public final class JavaScriptRegex {
  /** A name has as many; and reading takes that many steps at most. */
  static final int MAX_LENGTH = 1024;

  /** What it costs to look for a text, in steps. */
  private static final int LITERAL_COST = 5;

  private static final int COMPARISONS_PER_STEP = 50;

  private final Pattern pattern;
  private final RegexLiteral literal;
  private final boolean global;

  private JavaScriptRegex(Pattern pattern, RegexLiteral literal, boolean global) {
    this.pattern = pattern;
    this.literal = literal;
    this.global = global;
  }

  /**
   * For {@link #isIn} only, without flags: groups capture nothing.
   *
   * @param maxSize largest program, in instructions
   */
  public static RegexResult forSearching(String source, int maxSize) {
    return compile(source, "", false, maxSize);
  }

  /**
   * For {@link #match}.
   *
   * @param flags of JavaScript: g, i, m, s, u
   * @param maxSize largest program, in instructions; a group takes two
   */
  public static RegexResult forMatching(String source, String flags, int maxSize) {
    return compile(source, flags, true, maxSize);
  }

  private static RegexResult compile(String source, String flags, boolean captures, int maxSize) {
    try {
      if (source.length() > MAX_LENGTH) {
        throw new RefusedException("it is longer than " + MAX_LENGTH + " characters");
      }
      RegexFlags parsed = RegexFlags.parse(flags);
      Translator translator = new Translator(source, parsed, captures, maxSize);
      String translated = translator.translate();
      return new RegexResult.Compiled(
          new JavaScriptRegex(Pattern.compile(translated), translator.literal(), parsed.global()));
    } catch (RefusedException e) {
      return new RegexResult.Refused(e.reason());
    } catch (PatternSyntaxException e) {
      // More repetitions than RE2 allows.
      return new RegexResult.Refused(e.getDescription());
    }
  }

  /** Whether it matches somewhere in the text. */
  public boolean isIn(String text) {
    return literal.isIn(text) && (literal.complete() || pattern.matcher(text).find());
  }

  /** The steps that {@link #isIn} takes at most with so long a text; about 20 ns each. */
  public long searchCost(int length) {
    long cost = LITERAL_COST + literal.comparisons(length) / COMPARISONS_PER_STEP;
    return literal.complete() ? cost : cost + programCost(length);
  }

  /**
   * As {@code String.match}: the match and its groups, or with the flag g all matches.
   *
   * <p>One search takes time linear to the text, but to find all matches the same part of it may
   * have to be searched for each of them: {@code /x(.*y)?/g} looks for the y to the end of the text
   * at each x. So who looks at the text more often than one search can pays for each look.
   *
   * @param meter is told the steps before they are taken, at about 20 ns each; what it throws ends
   *     the matching
   * @return null for no match; a group that took no part is null
   */
  public @Nullable List<@Nullable String> match(String text, LongConsumer meter) {
    meter.accept(programCost(text.length()));
    if (!literal.isIn(text)) {
      return null;
    }
    Matcher matcher = pattern.matcher(new MeteredText(text, pattern.programSize(), meter));
    if (!matcher.find()) {
      return null;
    }
    List<@Nullable String> found = new ArrayList<>();
    if (global) {
      do {
        found.add(matcher.group());
      } while (matcher.find());
    } else {
      for (int group = 0; group <= matcher.groupCount(); group++) {
        found.add(matcher.group(group));
      }
    }
    return found;
  }

  /** Whether it has the flag g. */
  public boolean isGlobal() {
    return global;
  }

  /** One step for each instruction and character, and for the end. */
  private long programCost(int length) {
    return (long) pattern.programSize() * (length + 1);
  }
}
