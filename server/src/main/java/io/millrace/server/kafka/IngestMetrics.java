package io.millrace.server.kafka;

import java.time.Duration;

/**
 * What ingest counts. Called from the poll threads, one per source; must not block or throw. {@code
 * source} is the source's name.
 */
public interface IngestMetrics {
  IngestMetrics NONE = new IngestMetrics() {};

  /** Messages have come from the broker; bytes of keys, values and headers. */
  default void read(String source, int messages, long bytes) {}

  /** A delta has changed its record. {@code took} runs from hand-over to completion. */
  default void applied(String source, Duration took) {}

  /** A delta had been applied before. */
  default void replayed(String source) {}

  /** A message stands for no change: a filter leaves it out, for example. */
  default void skipped(String source) {}

  /**
   * A Host's own number of a change did not follow the one before it.
   *
   * @param missing how many were left out
   * @param late whether it is one that should have come before, or came before
   */
  default void sequence(String source, long missing, boolean late) {}

  /** A message cannot be applied and is acknowledged in the dead-letter topic. */
  default void deadLettered(String source) {}

  /** Handing over or writing a dead letter failed; it will be tried again. */
  default void failed(String source) {}

  /** Every second or so: bytes handed over and not yet completed. */
  default void inFlight(String source, long bytes) {}

  /** Every second or so: messages in the assigned partitions that have not been read. */
  default void lag(String source, long messages) {}
}
