package io.millrace.server.grid;

/**
 * Microseconds since 1970 as this process counts them: begins with the time of day and never goes
 * back, whatever is done to the machine's clock. Thread-safe.
 */
final class MicroClock {
  private final long startMicros = System.currentTimeMillis() * 1_000;
  private final long startNanos = System.nanoTime();

  long micros() {
    return startMicros + (System.nanoTime() - startNanos) / 1_000;
  }
}
