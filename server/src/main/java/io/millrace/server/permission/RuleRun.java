package io.millrace.server.permission;

import io.millrace.server.regex.JavaScriptRegex;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.ErrorReporter;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Scriptable;

/** What belongs to the rule that a thread is running now: its limits, and its view of JSON. */
final class RuleRun extends Context {
  /**
   * Many times what the longest rule can come to, and a few milliseconds. A rule has no loops, so
   * this only matters should that ever turn out to be wrong. Counted and not timed, because on a
   * busy machine a clock would refuse what is allowed.
   */
  private static final int MAX_INSTRUCTIONS = 500_000;

  private static final int INSTRUCTIONS_BETWEEN_LOOKS = 10_000;

  /** The first error ends the reading of a rule. */
  static final ErrorReporter FIRST_ERROR = new FirstError();

  private final RuleEngine engine;
  private final Budget budget = new Budget();
  private final JsonViews views;
  private int instructions;

  RuleRun(ContextFactory factory, RuleEngine engine, Scriptable arrayMethods) {
    super(factory);
    this.engine = engine;
    this.views = new JsonViews(arrayMethods, budget);
    setLanguageVersion(VERSION_ES6);
    setErrorReporter(FIRST_ERROR);
    setClassShutter(name -> false);
    setInstructionObserverThreshold(INSTRUCTIONS_BETWEEN_LOOKS);
  }

  static RuleRun of(Context context) {
    return (RuleRun) context;
  }

  void begin() {
    budget.refill();
    instructions = 0;
  }

  Budget budget() {
    return budget;
  }

  JsonViews views() {
    return views;
  }

  /** A regular expression that is known only now. */
  JavaScriptRegex regex(String source) {
    return engine.regex(source);
  }

  @Override
  protected void observeInstructionCount(int count) {
    instructions += count;
    if (instructions > MAX_INSTRUCTIONS) {
      throw new RuleAbort("the rule takes too long");
    }
  }

  private static final class FirstError implements ErrorReporter {
    @Override
    public void warning(
        String message, String sourceName, int line, String lineSource, int lineOffset) {}

    @Override
    public void error(
        String message, String sourceName, int line, String lineSource, int lineOffset) {
      throw runtimeError(message, sourceName, line, lineSource, lineOffset);
    }

    @Override
    public EvaluatorException runtimeError(
        String message, String sourceName, int line, String lineSource, int lineOffset) {
      return new EvaluatorException(message, sourceName, line, lineSource, lineOffset);
    }
  }
}
