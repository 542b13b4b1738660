package io.millrace.server.listen;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.server.listen.JavaScriptRegex.Translated;
import java.util.Optional;

/**
 * A pattern that was listened for: a search in a name, in time linear in the name's length.
 * Immutable.
 *
 * <p>Most patterns are a path with something behind it: names without that path, which are most
 * names, are told apart without the regular expression.
 */
final class ListenPattern {
  /** What it costs to look for a text. */
  private static final int LITERAL_COST = 5;

  private final String source;
  private final Translated translated;
  private final Pattern pattern;

  private ListenPattern(String source, Translated translated, Pattern pattern) {
    this.source = source;
    this.translated = translated;
    this.pattern = pattern;
  }

  /** The pattern; empty if it is no regular expression, or none that is served. */
  static Optional<ListenPattern> compile(String source) {
    return JavaScriptRegex.translate(source)
        .flatMap(
            translated -> {
              try {
                Pattern pattern = Pattern.compile(translated.regex());
                return Optional.of(new ListenPattern(source, translated, pattern));
              } catch (PatternSyntaxException e) {
                return Optional.empty();
              }
            });
  }

  /** As the client wrote it. */
  String source() {
    return source;
  }

  boolean matches(String name) {
    String literal = translated.literal();
    boolean hasLiteral = translated.anchored() ? name.startsWith(literal) : name.contains(literal);
    return hasLiteral && (translated.literalOnly() || pattern.matcher(name).find());
  }

  /** The steps that {@link #matches} takes at most; about 20 ns each. */
  int cost(String name) {
    return translated.literalOnly()
        ? LITERAL_COST
        : LITERAL_COST + translated.size() * (name.length() + 1);
  }

  @Override
  public String toString() {
    return source;
  }
}
