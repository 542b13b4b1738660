package io.millrace.server.listen;

import io.millrace.server.regex.JavaScriptRegex;
import io.millrace.server.regex.RegexResult.Compiled;
import io.millrace.server.regex.RegexResult.Refused;
import java.util.Optional;

/**
 * A pattern that was listened for: a search in a name, in time linear in the name's length.
 * Immutable.
 */
final class ListenPattern {
  /**
   * Largest program, in instructions. A search costs up to this many steps for each character of a
   * name, about 10 ms with the longest name; patterns that people write have fewer than a hundred.
   */
  static final int MAX_SIZE = 500;

  private final String source;
  private final JavaScriptRegex regex;

  private ListenPattern(String source, JavaScriptRegex regex) {
    this.source = source;
    this.regex = regex;
  }

  /** The pattern; empty if it is no regular expression, or none that is served. */
  static Optional<ListenPattern> compile(String source) {
    return switch (JavaScriptRegex.forSearching(source, MAX_SIZE)) {
      case Compiled(var regex) -> Optional.of(new ListenPattern(source, regex));
      case Refused refused -> Optional.empty();
    };
  }

  /** As the client wrote it. */
  String source() {
    return source;
  }

  boolean matches(String name) {
    return regex.isIn(name);
  }

  /** The steps that {@link #matches} takes at most; about 20 ns each. */
  long cost(String name) {
    return regex.searchCost(name.length());
  }

  @Override
  public String toString() {
    return source;
  }
}
