package io.millrace.server.permission;

import io.millrace.server.permission.RuleSyntax.NotAllowed;
import io.millrace.server.regex.JavaScriptRegex;
import io.millrace.server.regex.RegexResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.CompilerEnvirons;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Parser;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Script;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.TopLevel;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.RegExpLiteral;

/**
 * JavaScript for rules, and nothing else that JavaScript usually brings. Thread-safe.
 *
 * <p>Four fences stand one behind the other. {@link RuleSyntax} compiles only kinds of expression
 * that are known to be harmless: no statements, no functions, no assignments, and calls only of
 * nine names. The world that an expression sees has no global names, and prototypes from which
 * everything is removed but the methods that rules may call, so that even a computed name leads
 * nowhere; all of it is sealed, and shared by all rules. No Java object is ever handed in: what a
 * rule sees are numbers, text, and {@linkplain ReadOnlyObject read-only views}. And a {@link
 * Budget} bounds the text that one run can look at or build, a clock its time. Regular expressions
 * never reach Rhino's own engine, which goes back and cannot be stopped.
 */
final class RuleEngine {
  /** Enough for a list of hundreds of names, and bounds what one evaluation can be. */
  static final int MAX_SOURCE_LENGTH = 10_000;

  /**
   * Largest program of a regular expression, in instructions: {@code .{1,1000}} is served. What it
   * costs to run is paid from the {@link Budget}.
   */
  private static final int MAX_REGEX_SIZE = 3_000;

  /** Regular expressions put together by rules from variables are kept for the next time. */
  private static final int MAX_KEPT_REGEXES = 256;

  private final Factory factory = new Factory();
  private final ScriptableObject world;
  private final Scriptable arrayMethods;
  private final ThreadLocal<RuleRun> runs;
  private final Map<String, JavaScriptRegex> regexes = new LinkedHashMap<>();

  /**
   * @param unknownNames names in it that are no variables: with them the rule can only fail
   */
  record Compiled(Rule rule, Set<String> unknownNames) {}

  RuleEngine() {
    Context context = factory.enterContext();
    try {
      TopLevel top = new TopLevel();
      context.setLanguageVersion(Context.VERSION_ES6);
      context.initSafeStandardObjects(top, false);
      this.arrayMethods = Emptied.world(top);
      this.world = top;
    } finally {
      Context.exit();
    }
    this.runs = ThreadLocal.withInitial(() -> new RuleRun(factory, this, arrayMethods));
  }

  /** Checks and compiles the text of a rule. */
  Compiled compile(RuleType type, String source) throws NotAllowed {
    if (source.isBlank()) {
      throw new NotAllowed("is empty; write true, false or an expression");
    }
    if (source.length() > MAX_SOURCE_LENGTH) {
      throw new NotAllowed("is longer than " + MAX_SOURCE_LENGTH + " characters");
    }
    factory.enterContext(runs.get());
    try {
      return compileHere(runs.get(), type, source);
    } catch (RhinoException e) {
      throw new NotAllowed("is not a JavaScript expression: " + e.details());
    } catch (StackOverflowError e) {
      throw new NotAllowed("is nested too deeply");
    } finally {
      Context.exit();
    }
  }

  private Compiled compileHere(RuleRun run, RuleType type, String source) throws NotAllowed {
    CompilerEnvirons environs = new CompilerEnvirons();
    environs.initFromContext(run);
    environs.setErrorReporter(RuleRun.FIRST_ERROR);
    RuleSyntax syntax = new RuleSyntax(type);
    AstNode expression =
        syntax.check(new Parser(environs, RuleRun.FIRST_ERROR).parse(source, "rule", 1));
    if (expression instanceof KeywordLiteral literal && literal.isBooleanLiteral()) {
      return new Compiled(new Rule.Constant(source.strip().startsWith("true")), Set.of());
    }
    List<JavaScriptRegex> found = new ArrayList<>();
    StringBuilder rewritten = new StringBuilder();
    int copied = 0;
    for (RegExpLiteral literal : syntax.regexes()) {
      String flags = literal.getFlags();
      int start = literal.getAbsolutePosition();
      rewritten.append(source, copied, start).append(RuleRegexes.name(found.size()));
      copied = start + literal.getLength();
      found.add(read(literal.getValue(), flags == null ? "" : flags));
    }
    rewritten.append(source, copied, source.length());
    Script script = run.compileString(rewritten.toString(), "rule", 1, null);
    rehearse(run, script);
    return new Compiled(
        new Rule.Expression(script, syntax.uses(), new RuleRegexes(found)), syntax.unknownNames());
  }

  /**
   * The first time that compiled code is run, each of its parts is linked, which for a long rule
   * takes milliseconds that an event loop does not have. Nothing is loaded, nobody looks at what it
   * comes to.
   */
  private void rehearse(RuleRun run, Script script) {
    Scriptable stage =
        new ReadOnlyObject() {
          @Override
          public Object get(String name, Scriptable start) {
            return NotLoaded.INSTANCE;
          }

          @Override
          public Scriptable getParentScope() {
            return world;
          }
        };
    try {
      run.begin();
      var unused = script.exec(run, stage, stage);
    } catch (RhinoException | RuleAbort e) {
      // It will fail in earnest, too, or it needs what is not there now.
    }
  }

  /** Runs the script with the variables that {@code scope} says, and uses its value. */
  <T> T run(Script script, Function<RuleRun, Scriptable> scope, Function<@Nullable Object, T> use) {
    RuleRun run = runs.get();
    factory.enterContext(run);
    try {
      run.begin();
      Scriptable variables = scope.apply(run);
      return use.apply(script.exec(run, variables, variables));
    } finally {
      Context.exit();
    }
  }

  /** What every scope has above it: JavaScript without any names. */
  Scriptable world() {
    return world;
  }

  /** One that is known only when the rule is run. */
  JavaScriptRegex regex(String source) {
    synchronized (regexes) {
      JavaScriptRegex known = regexes.get(source);
      if (known != null) {
        return known;
      }
    }
    JavaScriptRegex made;
    try {
      made = read(source, "");
    } catch (NotAllowed e) {
      throw new RuleAbort(e.problem());
    }
    synchronized (regexes) {
      if (regexes.size() >= MAX_KEPT_REGEXES) {
        regexes.remove(regexes.keySet().iterator().next());
      }
      regexes.put(source, made);
    }
    return made;
  }

  private static JavaScriptRegex read(String source, String flags) throws NotAllowed {
    return switch (JavaScriptRegex.forMatching(source, flags, MAX_REGEX_SIZE)) {
      case RegexResult.Compiled(var regex) -> regex;
      case RegexResult.Refused(var reason) ->
          throw new NotAllowed("has a regular expression that is refused: " + reason);
    };
  }

  /** Rhino's features that rules have no use for are off. */
  private static final class Factory extends ContextFactory {
    @Override
    protected boolean hasFeature(Context cx, int feature) {
      return switch (feature) {
        case Context.FEATURE_E4X,
            Context.FEATURE_PARENT_PROTO_PROPERTIES,
            Context.FEATURE_MEMBER_EXPR_AS_FUNCTION_NAME,
            Context.FEATURE_ENHANCED_JAVA_ACCESS,
            Context.FEATURE_ENABLE_JAVA_MAP_ACCESS ->
            false;
        default -> super.hasFeature(cx, feature);
      };
    }
  }
}
