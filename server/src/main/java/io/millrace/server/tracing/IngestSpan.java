package io.millrace.server.tracing;

/** A message of a log on its way to become record changes. From one thread. */
public interface IngestSpan {

  /** What has become of the message. */
  enum Outcome {
    /** Records have changed. */
    APPLIED,
    /** All of it had been applied before. */
    REPLAYED,
    /** It stands for no change. */
    SKIPPED,
    /** It cannot be applied, and becomes a dead letter. */
    REFUSED,
    /** It is handed over again later. */
    FAILED
  }

  /** What its changes are children of. */
  TraceContext context();

  /** To be called once. */
  void end(Outcome outcome);
}
