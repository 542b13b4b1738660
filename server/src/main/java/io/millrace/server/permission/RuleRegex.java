package io.millrace.server.permission;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.server.permission.RuleSyntax.NotAllowed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JavaScript regular expression, matched in time linear to the text: by RE2, which does not go
 * back. Look-around and back references cannot be had that way and are refused. Immutable.
 */
final class RuleRegex {
  private final Pattern pattern;
  private final boolean global;

  private RuleRegex(Pattern pattern, boolean global) {
    this.pattern = pattern;
    this.global = global;
  }

  /**
   * @param flags of JavaScript: g, i, m, s, u
   */
  static RuleRegex of(String source, String flags) throws NotAllowed {
    int options = Pattern.DISABLE_UNICODE_GROUPS;
    for (char flag : flags.toCharArray()) {
      options |=
          switch (flag) {
            case 'i' -> Pattern.CASE_INSENSITIVE;
            case 'm' -> Pattern.MULTILINE;
            case 's' -> Pattern.DOTALL;
            case 'g', 'u' -> 0;
            default -> throw new NotAllowed("has the regular expression flag " + flag);
          };
    }
    boolean dotAll = (options & Pattern.DOTALL) != 0;
    String translated = new RegexTranslator(source, dotAll).translate();
    try {
      return new RuleRegex(Pattern.compile(translated, options), flags.indexOf('g') >= 0);
    } catch (PatternSyntaxException e) {
      throw new NotAllowed("has a regular expression that is none: " + e.getDescription());
    }
  }

  /** How much it takes to look at one character, in steps. */
  int cost() {
    return pattern.programSize();
  }

  boolean isGlobal() {
    return global;
  }

  /**
   * As {@code String.match}: the match and its groups, or with the flag g all matches.
   *
   * @return null for no match; a group that took no part is null
   */
  @Nullable List<@Nullable String> match(String text) {
    Matcher matcher = pattern.matcher(text);
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
}
