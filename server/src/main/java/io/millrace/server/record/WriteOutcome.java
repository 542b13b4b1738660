package io.millrace.server.record;

import io.millrace.protocol.value.JsonText;

/** What the owner made of a command. */
public sealed interface WriteOutcome {

  /** Done; the record now has this version. A removed record keeps its last one. */
  record Applied(int version) implements WriteOutcome {}

  /**
   * Somebody else was first, or the version skips some.
   *
   * @param gap whether the expected version lies beyond the next one
   */
  record Conflict(long incarnation, int version, JsonText data, boolean gap)
      implements WriteOutcome {}

  /** There is no such record and the command creates none. */
  record Missing() implements WriteOutcome {}

  /** The command can never be applied to this record as it is. */
  record Invalid(String reason) implements WriteOutcome {}

  /** A delta that must be applied before this one has not been: both are to be repeated. */
  record TooEarly() implements WriteOutcome {}

  /** The record holds this delta already. */
  record AlreadyApplied() implements WriteOutcome {}
}
