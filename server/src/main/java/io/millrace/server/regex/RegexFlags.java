package io.millrace.server.regex;

/**
 * The flags of a regular expression.
 *
 * @param global g: all matches are wanted
 * @param ignoreCase i
 * @param multiLine m: {@code ^} and {@code $} mean lines, too
 * @param dotAll s: a dot matches ends of lines, too
 * @param unicode u: the syntax is strict
 */
record RegexFlags(
    boolean global, boolean ignoreCase, boolean multiLine, boolean dotAll, boolean unicode) {

  static RegexFlags parse(String flags) throws RefusedException {
    for (int i = 0; i < flags.length(); i++) {
      char flag = flags.charAt(i);
      if ("gimsu".indexOf(flag) < 0) {
        throw new RefusedException("the flag " + flag + " is not supported");
      }
      if (flags.indexOf(flag) < i) {
        throw new RefusedException("the flag " + flag + " is there twice");
      }
    }
    return new RegexFlags(
        flags.contains("g"),
        flags.contains("i"),
        flags.contains("m"),
        flags.contains("s"),
        flags.contains("u"));
  }
}
