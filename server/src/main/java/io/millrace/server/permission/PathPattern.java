package io.millrace.server.permission;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A path of a permission file: {@code *} stands for any characters, {@code $name} for one or more
 * characters that are no slash, everything else for itself (protocol §8.1). The whole name has to
 * match. Where a name can be divided in several ways, the first wildcard takes as much as it can,
 * then the next one, as with the regular expressions that the reference makes of paths.
 *
 * <p>Matching takes time in proportion to the lengths of path and name multiplied, whatever they
 * are: no backtracking.
 */
final class PathPattern {
  private final String text;
  private final List<Token> tokens;
  private final String prefix;

  private sealed interface Token {}

  private record Literal(String text) implements Token {}

  private record Anything() implements Token {}

  private record Variable(String name) implements Token {}

  private PathPattern(String text, List<Token> tokens) {
    this.text = text;
    this.tokens = tokens;
    this.prefix = tokens.get(0) instanceof Literal(var literal) ? literal : "";
  }

  /** What is wrong with a path, or null. */
  static @Nullable String problem(String text) {
    if (text.isEmpty()) {
      return "is empty; a path is a name in which * and $variable stand for parts";
    }
    if (text.startsWith("/")) {
      return "starts with /; write it without";
    }
    for (int at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at + 1)) {
      if (endOfVariable(text, at) == at + 1) {
        return "has a $ without a name; letters and digits are allowed in it";
      }
    }
    return null;
  }

  /** Of a text without a {@link #problem}. */
  static PathPattern of(String text) {
    List<Token> tokens = new ArrayList<>();
    int start = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '*' && c != '$') {
        at++;
        continue;
      }
      if (at > start) {
        tokens.add(new Literal(text.substring(start, at)));
      }
      int end = c == '*' ? at + 1 : endOfVariable(text, at);
      tokens.add(c == '*' ? new Anything() : new Variable(text.substring(at, end)));
      at = end;
      start = end;
    }
    if (at > start) {
      tokens.add(new Literal(text.substring(start)));
    }
    return new PathPattern(text, List.copyOf(tokens));
  }

  private static int endOfVariable(String text, int dollar) {
    int end = dollar + 1;
    while (end < text.length() && isVariablePart(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isVariablePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  String text() {
    return text;
  }

  /** The path's variables, with their dollar, if the name matches. */
  Optional<Map<String, String>> match(String name) {
    if (tokens.size() == 1) {
      return switch (tokens.get(0)) {
        case Literal(var literal) when literal.equals(name) -> Optional.of(Map.of());
        case Anything() -> Optional.of(Map.of());
        case Variable(var variable) when !name.isEmpty() && name.indexOf('/') < 0 ->
            Optional.of(Map.of(variable, name));
        case Token other -> Optional.empty();
      };
    }
    if (!name.startsWith(prefix)) {
      return Optional.empty();
    }
    boolean[][] fits = suffixesThatFit(name);
    return fits[0][0] ? Optional.of(divide(name, fits)) : Optional.empty();
  }

  /** At [t][i]: whether the tokens from t on match the name from i on. */
  private boolean[][] suffixesThatFit(String name) {
    int length = name.length();
    boolean[][] fits = new boolean[tokens.size() + 1][length + 1];
    fits[tokens.size()][length] = true;
    for (int t = tokens.size() - 1; t >= 0; t--) {
      boolean[] after = fits[t + 1];
      boolean[] here = fits[t];
      switch (tokens.get(t)) {
        case Literal(var literal) -> {
          for (int i = length - literal.length(); i >= 0; i--) {
            here[i] = after[i + literal.length()] && name.startsWith(literal, i);
          }
        }
        case Anything() -> {
          here[length] = after[length];
          for (int i = length - 1; i >= 0; i--) {
            here[i] = after[i] || here[i + 1];
          }
        }
        case Variable variable -> {
          for (int i = length - 1; i >= 0; i--) {
            here[i] = name.charAt(i) != '/' && (after[i + 1] || here[i + 1]);
          }
        }
      }
    }
    return fits;
  }

  private Map<String, String> divide(String name, boolean[][] fits) {
    Map<String, String> variables = new HashMap<>();
    int at = 0;
    for (int t = 0; t < tokens.size(); t++) {
      boolean[] after = fits[t + 1];
      switch (tokens.get(t)) {
        case Literal(var literal) -> at += literal.length();
        case Anything() -> at = lastFit(after, name.length());
        case Variable(var variable) -> {
          int slash = name.indexOf('/', at);
          int end = lastFit(after, slash < 0 ? name.length() : slash);
          variables.put(variable, name.substring(at, end));
          at = end;
        }
      }
    }
    return variables;
  }

  private static int lastFit(boolean[] fits, int from) {
    int at = from;
    while (!fits[at]) {
      at--;
    }
    return at;
  }

  @Override
  public String toString() {
    return text;
  }
}
