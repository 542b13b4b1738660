package io.millrace.server.kafka;

/**
 * Bytes handed over and not yet completed, against a limit. Full at the limit, and then until less
 * than half of it is left: partitions are not paused and resumed for every message. Not
 * thread-safe.
 */
final class InFlight {
  private final long limit;
  private long bytes;
  private boolean full;

  InFlight(long limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("the bytes in flight need a limit of at least 1");
    }
    this.limit = limit;
  }

  void add(long more) {
    bytes += more;
    full = full || bytes >= limit;
  }

  void remove(long done) {
    bytes -= done;
    // Halved upwards: with a limit of 1, "less than 0" would never come.
    full = full && bytes >= limit - limit / 2;
  }

  boolean full() {
    return full;
  }

  long bytes() {
    return bytes;
  }
}
