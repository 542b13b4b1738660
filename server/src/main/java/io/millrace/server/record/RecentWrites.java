package io.millrace.server.record;

import java.util.Arrays;

/**
 * The ids of the last writes of clients to one record, so that a write that is repeated, because
 * nobody could say what became of it, does not take place twice. Immutable.
 *
 * <p>Who writes says with each write which of its own may still be repeated; earlier ones are
 * forgotten. So there are about as many as are under way at once, however fast the record changes.
 *
 * @param ids in the order in which they took place
 * @param forgottenAt the time in microseconds at which one was forgotten that may be repeated,
 *     {@link #NEVER} or {@link #ALWAYS}
 */
public record RecentWrites(long[] ids, long forgottenAt) {
  static final long NEVER = Long.MIN_VALUE;
  static final long ALWAYS = Long.MAX_VALUE;

  /**
   * 4 KiB in a record whose first write hangs while hundreds follow. What is left there of nodes
   * that are lost is among it.
   */
  private static final int CAPACITY = 512;

  /**
   * Longer than any write is repeated (25 s, and the time that its last call may take), and by
   * clocks of several nodes.
   */
  private static final long REPEATED_FOR_MICROS = 120_000_000;

  /** What one place numbers is nearer to each other than this, and nobody else's is as near. */
  private static final long NEAR = 1L << 40;

  public static final RecentWrites NONE = new RecentWrites(new long[0], NEVER);

  /** Of a record that was put together out of two. */
  static final RecentWrites FORGOTTEN = new RecentWrites(new long[0], ALWAYS);

  /** What a write that can't be repeated has for an id. */
  public static final long NO_ID = 0;

  /** Of a record that comes from storage, where ids are not kept. */
  public static RecentWrites forgotten(long atMicros) {
    return new RecentWrites(new long[0], atMicros);
  }

  boolean contains(long id) {
    if (id == NO_ID) {
      return false;
    }
    for (long each : ids) {
      if (each == id) {
        return true;
      }
    }
    return false;
  }

  /** Whether a write that is repeated now may have been forgotten. */
  boolean mayHaveForgotten(long nowMicros) {
    return forgottenAt == ALWAYS
        || (forgottenAt != NEVER && nowMicros - forgottenAt < REPEATED_FOR_MICROS);
  }

  /**
   * With one more.
   *
   * @param open the lowest of those with the same origin that may be repeated, this one at most
   */
  RecentWrites with(long id, long open, long nowMicros) {
    if (id == NO_ID) {
      return this;
    }
    long[] next = new long[Math.min(ids.length + 1, CAPACITY)];
    int kept = 0;
    long forgotten = forgottenAt;
    for (int i = 0; i < ids.length; i++) {
      if (isOver(ids[i], open)) {
        continue;
      }
      if (kept == CAPACITY - 1) {
        System.arraycopy(next, 1, next, 0, kept - 1);
        kept--;
        forgotten = Math.max(forgotten, nowMicros);
      }
      next[kept++] = ids[i];
    }
    next[kept++] = id;
    return new RecentWrites(kept == next.length ? next : Arrays.copyOf(next, kept), forgotten);
  }

  private static boolean isOver(long id, long open) {
    long before = open - id;
    return before > 0 && before < NEAR;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecentWrites writes
        && Arrays.equals(ids, writes.ids)
        && forgottenAt == writes.forgottenAt;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return Arrays.toString(ids);
  }
}
