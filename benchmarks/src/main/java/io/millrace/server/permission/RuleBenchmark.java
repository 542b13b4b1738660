package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.permission.RuleSyntax.NotAllowed;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to judge a request by a rule?
 *
 * <p>Measured is all of a check: the runs of the rule and what is between them, with the records
 * that it asks for answered from memory, as trees. Parsing them, and asking the grid, is not in it.
 *
 * <pre>bin/millrace bench jmh permission.RuleBenchmark -prof gc</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RuleBenchmark {
  private static final RecordName NAME = new RecordName("seat/12");
  private static final int MAX_RUNS = 3;

  private final RuleEngine engine = new RuleEngine();
  private final User user = new User("lena", null, new JsonText("{\"role\": \"seller\"}"));
  private final RuleData data = new RuleData.Given(json("{\"state\": \"sold\", \"by\": \"lena\"}"));
  private final Optional<JsonNode> seat = Optional.of(json("{\"state\": \"held\", \"row\": 3}"));
  private final Optional<JsonNode> sale = Optional.of(json("{\"open\": true, \"row\": 12}"));
  private final PathPattern path = PathPattern.of("seat/$seat");

  private final Rule loading =
      rule("oldData.state === 'held' && data.by === user.id && _('sale/' + $seat).open");
  private final Rule plain = rule("user.id === data.by && data.state !== 'free'");
  private final Rule constant = rule("true");

  /** Without this, a rule that fails early would be measured. */
  @Setup
  public void checkThatRulesGrant() {
    for (RuleOutcome outcome :
        new RuleOutcome[] {dataOldDataAndReference(), dataAndUser(), constant()}) {
      if (!(outcome instanceof RuleOutcome.Granted)) {
        throw new IllegalStateException("the rule did not grant: " + outcome);
      }
    }
  }

  /** A rule with data, oldData and one cross reference: three runs, as it is asked for last. */
  @Benchmark
  public RuleOutcome dataOldDataAndReference() {
    RuleCheck check = check(loading);
    RuleOutcome outcome = check.run();
    while (outcome instanceof RuleOutcome.Needs needs) {
      for (RecordName name : needs.records()) {
        check.loaded(name, name.equals(NAME) ? seat : sale);
      }
      outcome = check.run();
    }
    return outcome;
  }

  /** A rule that needs nothing loaded: one run. */
  @Benchmark
  public RuleOutcome dataAndUser() {
    return check(plain).run();
  }

  /** The rule {@code true}; what remains is finding it. */
  @Benchmark
  public RuleOutcome constant() {
    return check(constant).run();
  }

  private RuleCheck check(Rule rule) {
    Map<String, String> variables = path.match(NAME.value()).orElseThrow();
    var facts =
        new RuleFacts(new Asker(user), 18, NAME.value(), variables, NAME, data, 1_700_000_000_000L);
    return new RuleCheck(engine, rule, facts, MAX_RUNS);
  }

  private Rule rule(String text) {
    try {
      return engine.compile(RuleType.RECORD_WRITE, text).rule();
    } catch (NotAllowed e) {
      throw new IllegalStateException(e.problem(), e);
    }
  }

  private static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }
}
