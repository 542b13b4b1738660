package io.millrace.server.record;

/** What became of a delta. A failure to find out is not an outcome: it fails the stage. */
public sealed interface DeltaOutcome {

  /** The record has changed, and the change is stored as far as storage is configured. */
  record Applied(int version) implements DeltaOutcome {}

  /** The record already holds this delta: a replay, nothing changed. */
  record AlreadyApplied() implements DeltaOutcome {}

  /** The delta can never be applied; the reason is for people. */
  record Refused(String reason) implements DeltaOutcome {}
}
