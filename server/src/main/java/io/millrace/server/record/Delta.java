package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;

/**
 * A change of one record that came from a log, to be applied exactly once (P5).
 *
 * @param after the offset of the delta before it of the same record and log partition that is still
 *     under way, or {@link #NONE}. Should that one fail, this one must not be applied either: the
 *     record would take the repetition of the earlier one for a replay.
 */
public record Delta(RecordName name, DeltaOperation operation, LogPosition position, long after) {

  /** No delta of the same record and partition is under way. */
  public static final long NONE = -1;

  public Delta(RecordName name, DeltaOperation operation, LogPosition position) {
    this(name, operation, position, NONE);
  }

  public Delta after(long offset) {
    return new Delta(name, operation, position, offset);
  }
}
