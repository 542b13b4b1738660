package io.millrace.server.observability;

import java.time.Duration;

/**
 * Lets the first line through and then one in ten seconds: neither strangers nor an outage may fill
 * the log. Confined to one thread.
 */
public final class LogThrottle {
  private static final long WHILE_NS = Duration.ofSeconds(10).toNanos();

  private long nextNs = System.nanoTime();
  private long leftOut;
  private long leftOutBefore;

  /** Whether the line is to be logged; if not, it counts as left out. */
  public boolean mayPass() {
    long now = System.nanoTime();
    if (now - nextNs < 0) {
      leftOut++;
      return false;
    }
    nextNs = now + WHILE_NS;
    leftOutBefore = leftOut;
    leftOut = 0;
    return true;
  }

  /** How many were left out between the line that may pass now and the one before it. */
  public long leftOut() {
    return leftOutBefore;
  }
}
