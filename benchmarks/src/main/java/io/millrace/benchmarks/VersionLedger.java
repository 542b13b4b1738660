package io.millrace.benchmarks;

import java.util.HashSet;
import java.util.Set;

/**
 * What one subscriber has seen of one record: every version is to come once and in order. A full
 * state may stand for versions before it (a slow reader gets newer states instead of a longer
 * queue); that is counted, and is no loss.
 */
final class VersionLedger {
  private final Set<Integer> missing = new HashSet<>();
  private int last;
  private long delivered;
  private long skipped;
  private long duplicated;
  private long outOfOrder;

  /**
   * @param start the version that the subscriber was given when it subscribed
   */
  VersionLedger(int start) {
    this.last = start;
  }

  /** A change of one step has arrived. */
  void patched(int version) {
    for (int skippedOver = last + 1; skippedOver < version; skippedOver++) {
      missing.add(skippedOver);
    }
    arrived(version);
  }

  /** A full state has arrived. */
  void updated(int version) {
    skipped += Math.max(0, version - last - 1) + missing.size();
    missing.clear();
    arrived(version);
  }

  private void arrived(int version) {
    if (version > last) {
      last = version;
      delivered++;
    } else if (missing.remove(version)) {
      outOfOrder++;
      delivered++;
    } else {
      duplicated++;
    }
  }

  boolean isComplete(int version) {
    return last >= version && missing.isEmpty();
  }

  /** The sum with others, if {@code expected} is the last version there was. */
  Check check(int expected) {
    return new Check(
        delivered, missing.size() + Math.max(0, expected - last), skipped, duplicated, outOfOrder);
  }

  /**
   * What came of the deliveries.
   *
   * @param lost versions that did not come, and that no full state stands for
   * @param conflated versions that a full state stands for
   */
  record Check(long delivered, long lost, long conflated, long duplicated, long outOfOrder) {
    static final Check NOTHING = new Check(0, 0, 0, 0, 0);

    Check plus(Check other) {
      return new Check(
          delivered + other.delivered,
          lost + other.lost,
          conflated + other.conflated,
          duplicated + other.duplicated,
          outOfOrder + other.outOfOrder);
    }

    boolean good() {
      return lost == 0 && duplicated == 0 && outOfOrder == 0;
    }
  }
}
