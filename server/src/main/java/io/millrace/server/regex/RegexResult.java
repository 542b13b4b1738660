package io.millrace.server.regex;

/** What became of the source of a regular expression. */
public sealed interface RegexResult {

  record Compiled(JavaScriptRegex regex) implements RegexResult {}

  /**
   * The source means nothing, or nothing that can be had in linear time and bounded space.
   *
   * @param reason for people: a clause that a sentence can end with, without the source
   */
  record Refused(String reason) implements RegexResult {}
}
