package io.millrace.server.cluster;

import java.time.Duration;

/** Lets the first through and then one in a while: strangers must not fill the log. */
final class Throttle {
  private static final long WHILE_NS = Duration.ofSeconds(10).toNanos();

  private long nextNs = System.nanoTime();

  boolean mayPass() {
    long now = System.nanoTime();
    if (now - nextNs < 0) {
      return false;
    }
    nextNs = now + WHILE_NS;
    return true;
  }
}
