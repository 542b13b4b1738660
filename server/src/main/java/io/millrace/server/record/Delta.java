package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.tracing.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * A change of one record that came from a log, to be applied exactly once (P5).
 *
 * @param after the offset of the delta before it of the same record and log partition that is still
 *     under way, or {@link #NONE}. Should that one fail, this one must not be applied either: the
 *     record would take the repetition of the earlier one for a replay.
 * @param trace what caused it, null if nobody wants to know
 */
public record Delta(
    RecordName name,
    DeltaOperation operation,
    LogPosition position,
    long after,
    @Nullable TraceContext trace) {

  /** No delta of the same record and partition is under way. */
  public static final long NONE = -1;

  public Delta(RecordName name, DeltaOperation operation, LogPosition position) {
    this(name, operation, position, NONE, null);
  }

  public Delta after(long offset) {
    return new Delta(name, operation, position, offset, trace);
  }

  public Delta tracedBy(@Nullable TraceContext cause) {
    return cause == null ? this : new Delta(name, operation, position, after, cause);
  }
}
