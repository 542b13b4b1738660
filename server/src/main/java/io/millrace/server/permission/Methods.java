package io.millrace.server.permission;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.server.regex.JavaScriptRegex;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.Undefined;

/**
 * The methods that rules may call (protocol §8.1), written anew: they pay for the text that they
 * look at, and {@code match} does not go back.
 */
final class Methods {
  /** Comparing is that much cheaper per character than everything else, and matching dearer. */
  private static final int COMPARISONS_PER_CHARACTER = 8;

  private static final int CHARACTERS_PER_REGEX_STEP = 2;

  private static final int MATCH = 8;

  /** The longest text that Java changes the case of in one go. */
  private static final int PIECE = 256;

  interface Method {
    @Nullable Object call(RuleRun run, Scriptable self, @Nullable Object[] arguments);
  }

  static final Map<String, Method> OF_STRINGS =
      Map.of(
          "startsWith",
          Methods::startsWith,
          "endsWith",
          Methods::endsWith,
          "includes",
          (run, self, arguments) -> find(run, self, arguments) >= 0,
          "indexOf",
          Methods::find,
          "match",
          Methods::match,
          "toUpperCase",
          (run, self, arguments) -> changeCase(run, self, s -> s.toUpperCase(Locale.ROOT)),
          "toLowerCase",
          (run, self, arguments) -> changeCase(run, self, s -> s.toLowerCase(Locale.ROOT)),
          "trim",
          (run, self, arguments) -> trim(text(run, self)));

  static final Map<String, Method> OF_ARRAYS =
      Map.of(
          "indexOf", (run, self, arguments) -> findElement(self, arguments, false),
          "includes", (run, self, arguments) -> findElement(self, arguments, true) >= 0);

  private Methods() {}

  private static Object startsWith(RuleRun run, Scriptable self, @Nullable Object[] arguments) {
    String text = text(run, self);
    String start = searched(run, arguments);
    return text.startsWith(start, position(arguments, 0, text.length()));
  }

  private static Object endsWith(RuleRun run, Scriptable self, @Nullable Object[] arguments) {
    String text = text(run, self);
    String end = searched(run, arguments);
    int from = position(arguments, text.length(), text.length()) - end.length();
    return from >= 0 && text.startsWith(end, from);
  }

  private static int find(RuleRun run, Scriptable self, @Nullable Object[] arguments) {
    String text = text(run, self);
    String part = searched(run, arguments);
    run.budget().spend((long) text.length() * part.length() / COMPARISONS_PER_CHARACTER);
    return text.indexOf(part, position(arguments, 0, text.length()));
  }

  private static @Nullable Object match(
      RuleRun run, Scriptable self, @Nullable Object[] arguments) {
    String text = text(run, self);
    JavaScriptRegex regex =
        argument(arguments, 0) instanceof RegexValue value
            ? value.regex()
            : run.regex(
                argument(arguments, 0) == Undefined.instance ? "" : searched(run, arguments));
    // With the flag g, each character may be a match, and each match is a value of its own.
    run.budget().spend(regex.isGlobal() ? (long) text.length() * MATCH : 0);
    List<@Nullable String> found =
        regex.match(text, steps -> run.budget().spend(steps * CHARACTERS_PER_REGEX_STEP));
    if (found == null) {
      return null;
    }
    ArrayNode result = JsonNodeFactory.instance.arrayNode(found.size());
    for (String each : found) {
      result.add(each == null ? MissingNode.getInstance() : TextNode.valueOf(each));
    }
    return run.views().of(result);
  }

  /** Elements are compared as by {@code ===}; only {@code includes} finds NaN. */
  private static int findElement(Scriptable self, @Nullable Object[] arguments, boolean findsNan) {
    Object sought = argument(arguments, 0);
    boolean soughtIsNan = findsNan && sought instanceof Double number && number.isNaN();
    int length =
        switch (self) {
          case JsonViews.ArrayView view -> view.length();
          case NativeArray array -> (int) array.getLength();
          default -> throw new RuleAbort("indexOf or includes of what is no text and no array");
        };
    for (int i = position(arguments, 0, length); i < length; i++) {
      Object element =
          self instanceof JsonViews.ArrayView view ? view.element(i) : self.get(i, self);
      if (ScriptRuntime.shallowEq(element, sought)
          || (soughtIsNan && element instanceof Double number && number.isNaN())) {
        return i;
      }
    }
    return -1;
  }

  private static String text(RuleRun run, Scriptable self) {
    String text = ScriptRuntime.toCharSequence(self).toString();
    run.budget().spend(text.length());
    return text;
  }

  private static String searched(RuleRun run, @Nullable Object[] arguments) {
    String text = ScriptRuntime.toString(argument(arguments, 0));
    run.budget().spend(text.length());
    return text;
  }

  /** The second argument as a place between 0 and {@code max}. */
  private static int position(@Nullable Object[] arguments, int absent, int max) {
    Object given = argument(arguments, 1);
    if (given == Undefined.instance) {
      return absent;
    }
    double position = ScriptRuntime.toInteger(given);
    return (int) Math.max(0, Math.min(position, max));
  }

  private static @Nullable Object argument(@Nullable Object[] arguments, int index) {
    return index < arguments.length ? arguments[index] : Undefined.instance;
  }

  /**
   * Where a letter becomes two, as sharp s does, Java copies all of the text for each of them: a
   * long text of such letters would take minutes.
   */
  private static String changeCase(RuleRun run, Scriptable self, UnaryOperator<String> step) {
    String text = text(run, self);
    run.budget().spend(text.length());
    if (text.length() <= PIECE) {
      return step.apply(text);
    }
    var result = new StringBuilder(text.length() + PIECE);
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(text.length(), start + PIECE);
      if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
        end--;
      }
      result.append(step.apply(text.substring(start, end)));
      start = end;
    }
    return result.toString();
  }

  private static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return (c >= '\t' && c <= '\r')
        || c == '\u2028'
        || c == '\u2029'
        || c == '\ufeff'
        || Character.getType(c) == Character.SPACE_SEPARATOR;
  }

  /** A regular expression literal, which is good for {@code match} only. */
  static final class RegexValue extends ReadOnlyObject {
    private final JavaScriptRegex regex;

    RegexValue(JavaScriptRegex regex) {
      this.regex = regex;
    }

    JavaScriptRegex regex() {
      return regex;
    }

    @Override
    public Object get(String name, Scriptable start) {
      return NOT_FOUND;
    }
  }

  /** A method as JavaScript calls it. */
  static final class Function extends ReadOnlyObject implements org.mozilla.javascript.Callable {
    private final Method method;

    Function(Method method) {
      this.method = method;
    }

    @Override
    public String getClassName() {
      return "Function";
    }

    @Override
    public Object get(String name, Scriptable start) {
      return NOT_FOUND;
    }

    @Override
    public @Nullable Object call(
        Context cx, Scriptable scope, Scriptable thisObj, @Nullable Object[] args) {
      return method.call(RuleRun.of(cx), thisObj, args);
    }
  }
}
