package io.millrace.server.record;

/** What became of a delta. A failure to find out is not an outcome: it fails the stage. */
public sealed interface DeltaOutcome {

  /** The record has changed, and the change is stored as far as storage is configured. */
  record Applied(int version) implements DeltaOutcome {}

  /** The record already holds this delta: a replay, nothing changed. */
  record AlreadyApplied() implements DeltaOutcome {}

  /** The delta can never be applied; the reason is for people. */
  record Refused(String reason) implements DeltaOutcome {}

  /**
   * What the outcome of the write means for the delta.
   *
   * @throws IllegalStateException if nothing has come of it, so that it must be handed over again
   */
  static DeltaOutcome of(WriteOutcome written) {
    return switch (written) {
      case WriteOutcome.Applied applied -> new Applied(applied.version());
      case WriteOutcome.AlreadyApplied() -> new AlreadyApplied();
      case WriteOutcome.Invalid invalid -> new Refused(invalid.reason());
      case WriteOutcome.Missing() -> new Refused("there is no such record");
      case WriteOutcome.Conflict conflict ->
          new Refused("the record has version " + conflict.version());
      case WriteOutcome.TooEarly() ->
          throw new IllegalStateException("the delta before it has not been applied");
      case WriteOutcome.Minority() ->
          throw new IllegalStateException("this part of the cluster is too small to write");
      case WriteOutcome.Unknown() -> throw new IllegalStateException("is not a client's");
    };
  }
}
