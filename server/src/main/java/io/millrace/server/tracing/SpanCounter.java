package io.millrace.server.tracing;

/** Counts spans; what was recorded and not exported within seconds is lost. From any thread. */
public interface SpanCounter {
  void recorded();

  void exported(int count);
}
