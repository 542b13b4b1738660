package io.millrace.server.tracing;

import org.jspecify.annotations.Nullable;

/**
 * Which trace something belongs to, and which span of it caused it: what W3C's {@code traceparent}
 * and {@code tracestate} say. It travels with a change from node to node, and is not kept with
 * records at rest.
 *
 * @param traceHigh the first half of the trace's id
 * @param traceLow the second half
 * @param spanId the span that what comes next is a child of
 * @param flags as in {@code traceparent}
 * @param state the text of {@code tracestate}, which is passed on as it came; null if there is none
 */
public record TraceContext(
    long traceHigh, long traceLow, long spanId, byte flags, @Nullable String state) {

  /** What W3C asks to be passed on at least; a longer {@code tracestate} is left out. */
  static final int MAX_STATE_LENGTH = 512;

  private static final int SAMPLED = 1;

  public TraceContext {
    if (state != null && state.length() > MAX_STATE_LENGTH) {
      state = null;
    }
  }

  /** Whether spans are recorded. If not, the context is passed on all the same. */
  public boolean isSampled() {
    return (flags & SAMPLED) != 0;
  }
}
