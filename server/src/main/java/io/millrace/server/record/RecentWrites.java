package io.millrace.server.record;

import java.util.Arrays;

/**
 * The ids of the last writes of clients to one record, so that a write that is repeated, because
 * nobody could say what became of it, does not take place twice. Immutable.
 */
public record RecentWrites(long[] ids) {
  /** About as many as a record has under way at once; 8 bytes each in every record written to. */
  private static final int CAPACITY = 8;

  public static final RecentWrites NONE = new RecentWrites(new long[0]);

  /** Of a record that comes from storage, where ids are not kept. */
  public static final RecentWrites FORGOTTEN = new RecentWrites(new long[CAPACITY]);

  /** What a write that can't be repeated has for an id. */
  public static final long NO_ID = 0;

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

  /** Whether a write may have been forgotten. */
  boolean isFull() {
    return ids.length == CAPACITY;
  }

  RecentWrites with(long id) {
    if (id == NO_ID) {
      return this;
    }
    int kept = Math.min(ids.length, CAPACITY - 1);
    long[] next = Arrays.copyOfRange(ids, ids.length - kept, ids.length + 1);
    next[kept] = id;
    return new RecentWrites(next);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecentWrites writes && Arrays.equals(ids, writes.ids);
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
