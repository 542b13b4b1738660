package io.millrace.examples.onsale;

/**
 * How many deltas are due by a time: the wanted rate on average, in waves of a third above and
 * below it.
 *
 * @param perSecond deltas per second, on average over a wave
 */
record Pace(double perSecond) {
  private static final double SWING = 0.35;
  private static final double WAVE_SECONDS = 4;

  /** Deltas due after {@code seconds}. */
  long due(double seconds) {
    double turns = 2 * Math.PI / WAVE_SECONDS;
    // The integral of perSecond * (1 + SWING * sin(turns * seconds)).
    return (long) (perSecond * (seconds + SWING * (1 - Math.cos(turns * seconds)) / turns));
  }
}
