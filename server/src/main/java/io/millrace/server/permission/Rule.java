package io.millrace.server.permission;

import io.millrace.server.permission.RuleSyntax.Uses;
import org.mozilla.javascript.Script;

/** One rule of a permission file, checked and compiled. Immutable, from any thread. */
sealed interface Rule {

  /** Which variables that cost something to provide the rule looks at. */
  Uses uses();

  /** {@code true} or {@code false}: needs no JavaScript. */
  record Constant(boolean granted) implements Rule {
    @Override
    public Uses uses() {
      return Uses.NOTHING;
    }
  }

  /** A JavaScript expression. */
  record Expression(Script script, Uses uses, RuleRegexes regexes) implements Rule {}
}
