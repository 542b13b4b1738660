package io.millrace.examples.onsale;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What went through, and what did not.
 *
 * @param seconds how long deltas were produced
 * @param produced deltas that the broker took
 * @param failed deltas that the broker would not take
 * @param applied versions of all records, as read from the server
 * @param delivered versions that reached the follower, alone or covered by a newer full state
 * @param conflated those of them that were covered
 * @param broken messages that broke the order of versions
 * @param wrongSeats seats whose state differs from the Host's, on the server or at the follower
 * @param latency from send to callback in microseconds
 */
record Account(
    double seconds,
    long produced,
    long failed,
    long applied,
    long delivered,
    long conflated,
    long broken,
    long wrongSeats,
    Histogram latency) {
  private static final double EXPECTED_RATE = 1_000;

  /** Deltas whose effect is missing somewhere. */
  long lost() {
    long missing = Math.max(produced - applied, produced - delivered);
    return failed + Math.max(Math.max(0, missing), broken) + wrongSeats;
  }

  /** Everything arrived, and nothing took effect twice. */
  boolean isClean() {
    return lost() == 0 && applied == produced && delivered == produced;
  }

  double rate() {
    return produced / seconds;
  }

  boolean isSlow() {
    return rate() < EXPECTED_RATE;
  }

  String table() {
    return """
       deltas          count     per second
       produced   %,10d     %,10.0f
       applied    %,10d     %,10.0f
       delivered  %,10d     %,10.0f
       conflated  %,10d
       lost       %,10d

       send to callback   p50 %s ms   p90 %s ms   p99 %s ms   max %s ms
    """
        .formatted(
            produced,
            rate(),
            applied,
            applied / seconds,
            delivered,
            delivered / seconds,
            conflated,
            lost(),
            millis(50),
            millis(90),
            millis(99),
            millis(100));
  }

  /** The same on one line, for machines. */
  String line() {
    return "produced %d  applied %d  delivered %d  lost %d  p50 %s ms  p99 %s ms"
        .formatted(produced, applied, delivered, lost(), millis(50), millis(99));
  }

  private String millis(double percentile) {
    return String.format(Locale.ROOT, "%.1f", latency.getValueAtPercentile(percentile) / 1000.0);
  }
}
