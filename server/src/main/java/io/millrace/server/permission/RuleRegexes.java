package io.millrace.server.permission;

import io.millrace.server.regex.JavaScriptRegex;
import java.util.List;

/** The regular expressions that stand in one rule, in the order of its text. */
record RuleRegexes(List<JavaScriptRegex> all) {
  private static final String PREFIX = "__regex";

  RuleRegexes {
    all = List.copyOf(all);
  }

  /** What the compiled rule calls the regular expression; rules cannot spell such a name. */
  static String name(int index) {
    return PREFIX + index;
  }

  static boolean isName(String name) {
    return name.startsWith(PREFIX);
  }

  JavaScriptRegex named(String name) {
    return all.get(Integer.parseInt(name.substring(PREFIX.length())));
  }
}
