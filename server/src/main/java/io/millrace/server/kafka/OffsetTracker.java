package io.millrace.server.kafka;

import java.util.TreeSet;

/**
 * How far one partition is complete: everything before {@link #next()} is, whatever order messages
 * complete in. Offsets may have gaps (compaction, transaction markers). Not thread-safe.
 */
final class OffsetTracker {
  private final TreeSet<Long> open = new TreeSet<>();
  private long end;

  /**
   * @param start the first offset that will be read
   */
  OffsetTracker(long start) {
    end = start;
  }

  /** The message at {@code offset} has been read; offsets come in growing order. */
  void read(long offset) {
    if (offset < end) {
      throw new IllegalArgumentException("offset " + offset + " after " + end);
    }
    open.add(offset);
    end = offset + 1;
  }

  /** The message at {@code offset} is done with. */
  void completed(long offset) {
    open.remove(offset);
  }

  /** The offset to read next if everything were to start again now. */
  long next() {
    return open.isEmpty() ? end : open.first();
  }
}
