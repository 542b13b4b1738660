package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.permission.RuleSyntax.NotAllowed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request and the records around it; rules are asked about it. */
final class RuleRig {
  private static final RuleEngine ENGINE = new RuleEngine();

  private RuleType type = RuleType.RECORD_WRITE;
  private User user = new User("open", null, null);
  private RuleData data = RuleData.Absent.INSTANCE;
  private Map<String, String> variables = Map.of();
  private @Nullable String name = "r/1";
  private final Map<String, JsonNode> records = new HashMap<>();

  /** What was loaded, a list for each round. */
  final List<List<String>> rounds = new ArrayList<>();

  RuleRig type(RuleType newType) {
    type = newType;
    return this;
  }

  RuleRig user(String id, @Nullable String serverData) {
    user = new User(id, null, serverData == null ? null : new JsonText(serverData));
    return this;
  }

  RuleRig data(String json) {
    data = new RuleData.Given(json(json));
    return this;
  }

  RuleRig patch(boolean orNew, String path, @Nullable String json) {
    data =
        new RuleData.Patched(
            List.of(
                new RuleData.Change(
                    JsonPath.parse(path).orElseThrow(), json == null ? null : json(json))),
            orNew);
    return this;
  }

  RuleRig variables(Map<String, String> all) {
    variables = all;
    return this;
  }

  RuleRig name(@Nullable String newName) {
    name = newName;
    return this;
  }

  RuleRig record(String recordName, String json) {
    records.put(recordName, json(json));
    return this;
  }

  /** The outcome, everything loaded that was asked for. */
  RuleOutcome judge(String rule) {
    try {
      Rule compiled = ENGINE.compile(type, rule).rule();
      RecordName record =
          type.section() == Section.RECORD && name != null ? new RecordName(name) : null;
      var facts =
          new RuleFacts(new Asker(user), 18, name, variables, record, data, 1_700_000_000_000L);
      var check = new RuleCheck(ENGINE, compiled, facts, 3);
      RuleOutcome outcome = check.run();
      while (outcome instanceof RuleOutcome.Needs needs) {
        rounds.add(needs.records().stream().map(RecordName::value).sorted().toList());
        for (RecordName each : needs.records()) {
          check.loaded(each, Optional.ofNullable(records.get(each.value())));
        }
        outcome = check.run();
      }
      return outcome;
    } catch (NotAllowed e) {
      throw new IllegalArgumentException(e.problem(), e);
    }
  }

  boolean grants(String rule) {
    return judge(rule) instanceof RuleOutcome.Granted;
  }

  boolean denies(String rule) {
    return judge(rule) instanceof RuleOutcome.Denied;
  }

  boolean fails(String rule) {
    return judge(rule) instanceof RuleOutcome.Failed;
  }

  void refuses(String rule, String problem) {
    assertThatThrownBy(() -> ENGINE.compile(type, rule))
        .isInstanceOf(NotAllowed.class)
        .hasMessageContaining(problem);
  }

  static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }
}
