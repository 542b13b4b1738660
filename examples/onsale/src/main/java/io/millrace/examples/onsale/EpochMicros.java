package io.millrace.examples.onsale;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Wall-clock time in microseconds that never goes back within this JVM: read once, carried on by
 * the monotonic clock.
 */
final class EpochMicros {
  private static final long EPOCH_MICROS = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  private static final long NANOS = System.nanoTime();

  private EpochMicros() {}

  static long now() {
    return EPOCH_MICROS + (System.nanoTime() - NANOS) / 1000;
  }
}
