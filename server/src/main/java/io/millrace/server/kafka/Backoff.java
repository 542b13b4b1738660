package io.millrace.server.kafka;

import java.time.Duration;

/** When to try again: later after every failure in a row, up to a limit. Not thread-safe. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private Duration delay = Duration.ZERO;
  private long failedAtNanos;

  /** Something was tried at {@code nanos} (of {@link System#nanoTime}) and failed. */
  void failed(long nanos) {
    failedAtNanos = nanos;
    Duration doubled = delay.isZero() ? FIRST : delay.multipliedBy(2);
    delay = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }

  void succeeded() {
    delay = Duration.ZERO;
  }

  boolean due(long nanos) {
    return delay.isZero() || nanos - failedAtNanos >= delay.toNanos();
  }

  /** How long from the last failure to the next attempt. */
  Duration delay() {
    return delay;
  }
}
