package io.millrace.server.permission;

import io.millrace.protocol.value.RecordName;
import java.util.Set;

/** What a rule said, so far. */
sealed interface RuleOutcome {

  /** It may be done. */
  record Granted() implements RuleOutcome {}

  /** It may not. */
  record Denied() implements RuleOutcome {}

  /**
   * The rule could not say, so it may not (P7).
   *
   * @param reason for the log, without any data
   */
  record Failed(String reason) implements RuleOutcome {}

  /** What the rule would look at is not readable: the request is wrong, whatever the rule says. */
  record Invalid() implements RuleOutcome {}

  /** The rule can say when these records are there; never empty. */
  record Needs(Set<RecordName> records) implements RuleOutcome {
    public Needs {
      records = Set.copyOf(records);
    }
  }
}
