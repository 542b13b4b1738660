package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.RecordName;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptRuntime;

/**
 * One rule judging one request (protocol §8.1): it is run, the records that it turned out to need
 * are loaded by the caller, then it is run again. Each record is loaded once. For one thread at a
 * time.
 *
 * <pre>{@code
 * RuleOutcome outcome = check.run();
 * while (outcome instanceof Needs needs) {
 *   needs.records().forEach(name -> check.loaded(name, ...));
 *   outcome = check.run();
 * }
 * }</pre>
 */
final class RuleCheck implements Inquiry {
  private static final RuleOutcome GRANTED = new RuleOutcome.Granted();
  private static final RuleOutcome DENIED = new RuleOutcome.Denied();

  private final RuleEngine engine;
  private final Rule rule;
  private final RuleFacts facts;
  private final int maxRuns;
  private final Map<RecordName, Optional<JsonNode>> records = new HashMap<>(4);
  private final Set<RecordName> missing = new LinkedHashSet<>(4);
  private @Nullable JsonNode patched;
  private int runs;

  RuleCheck(RuleEngine engine, Rule rule, RuleFacts facts, int maxRuns) {
    this.engine = engine;
    this.rule = rule;
    this.facts = facts;
    this.maxRuns = maxRuns;
  }

  /** Runs the rule once, with what is loaded so far. */
  @Override
  public RuleOutcome run() {
    return switch (rule) {
      case Rule.Constant(var granted) -> granted ? GRANTED : DENIED;
      case Rule.Expression expression -> run(expression);
    };
  }

  /**
   * The data of a record that was asked for, which from now on belongs to this check.
   *
   * @param data empty if there is no such record
   */
  @Override
  public void loaded(RecordName name, Optional<JsonNode> data) {
    records.putIfAbsent(name, data);
  }

  private RuleOutcome run(Rule.Expression expression) {
    if (expression.uses().data() && facts.data() instanceof RuleData.Unreadable) {
      return new RuleOutcome.Invalid();
    }
    runs++;
    missing.clear();
    RecordName base = facts.record();
    if (base != null && needsBase(expression) && !records.containsKey(base)) {
      missing.add(base);
    }
    // Without references there is nothing that a run could find out.
    RuleOutcome outcome =
        missing.isEmpty() || expression.uses().references() ? evaluate(expression) : DENIED;
    if (missing.isEmpty()) {
      return outcome;
    }
    return runs < maxRuns
        ? new RuleOutcome.Needs(missing)
        : new RuleOutcome.Failed("it needs records that need records, more than " + maxRuns);
  }

  private boolean needsBase(Rule.Expression expression) {
    return expression.uses().oldData()
        || (expression.uses().data() && facts.data() instanceof RuleData.Patched);
  }

  private RuleOutcome evaluate(Rule.Expression expression) {
    try {
      return engine.run(
          expression.script(),
          run -> new RuleScope(this, expression.regexes(), run, engine.world()),
          result -> ScriptRuntime.toBoolean(result) ? GRANTED : DENIED);
    } catch (RhinoException e) {
      return new RuleOutcome.Failed(withoutData(e.details()));
    } catch (RuleAbort e) {
      return new RuleOutcome.Failed(e.reason());
    } catch (StackOverflowError e) {
      return new RuleOutcome.Failed("it is nested too deeply");
    }
  }

  /** Rhino quotes the value that something was expected of. */
  private static String withoutData(String details) {
    int quote = details.indexOf(" in object ");
    return quote < 0 ? details : details.substring(0, quote);
  }

  // --- what the rule's variables are

  RuleFacts facts() {
    return facts;
  }

  /** Null while it is not loaded; JSON's null when there is no such record. */
  @Nullable JsonNode record(RecordName name) {
    Optional<JsonNode> known = records.get(name);
    if (known == null) {
      missing.add(name);
      return null;
    }
    return known.orElse(JsonNodeFactory.instance.nullNode());
  }

  /** The record after the request; null while it is not loaded. */
  @Nullable JsonNode patched(RuleData.Patched data) {
    if (patched != null) {
      return patched;
    }
    RecordName name = facts.record();
    Optional<JsonNode> base = name == null ? Optional.empty() : records.get(name);
    if (base == null) {
      return null;
    }
    if (base.isEmpty() && !data.orNew()) {
      throw new RuleAbort("there is no record that could be patched");
    }
    ContainerNode<?> tree =
        base.orElse(JsonNodeFactory.instance.objectNode()) instanceof ContainerNode<?> container
            ? container.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    for (RuleData.Change change : data.changes()) {
      if (JsonPatch.apply(tree, change.path(), change.value())
          instanceof JsonPatch.Result.Refused refused) {
        throw new RuleAbort("the patch cannot be applied: " + refused.reason());
      }
    }
    patched = tree;
    return tree;
  }
}
