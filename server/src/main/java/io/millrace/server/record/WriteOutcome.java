package io.millrace.server.record;

import io.millrace.protocol.value.JsonText;

/** What the owner made of a command. */
public sealed interface WriteOutcome {

  /** Done; the record now has this version of this life. A removed record keeps its last one. */
  record Applied(long incarnation, int version) implements WriteOutcome {}

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

  /**
   * So few nodes see each other that others may decide without them: nothing was done ({@code
   * cluster.minSize}).
   */
  record Minority() implements WriteOutcome {}

  /**
   * The write was repeated after its owner was lost, and others have written since: it may have
   * taken place before them, or not at all. It was not carried out now.
   */
  record Unknown() implements WriteOutcome {}
}
