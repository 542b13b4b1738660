package io.millrace.benchmarks;

import org.HdrHistogram.Histogram;

/** Of a latency, in milliseconds. */
record Percentiles(double p50, double p99, double p999, double max) {
  private static final double NANOS_PER_MILLI = 1e6;

  static Percentiles of(Histogram nanos) {
    return new Percentiles(
        at(nanos, 50), at(nanos, 99), at(nanos, 99.9), millis(nanos.getMaxValue()));
  }

  private static double at(Histogram nanos, double percentile) {
    return millis(nanos.getValueAtPercentile(percentile));
  }

  private static double millis(long nanos) {
    return Math.round(nanos / NANOS_PER_MILLI * 1000) / 1000.0;
  }
}
