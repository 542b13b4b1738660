package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A followed record with all that hangs on it: the groups of its subscribers, requests that wait
 * for its state, changes that came early. Confined to the record's home loop.
 */
final class FollowedEntry {

  /** Changes kept while the state is being read; more than that, and it is read once more. */
  private static final int MAX_EARLY_CHANGES = 1024;

  /** As above, in UTF-16 units of their values. */
  private static final long MAX_EARLY_LENGTH = 4 << 20;

  /** Somebody who needs the state. */
  interface Waiter {
    void live();

    void failed(Throwable cause);
  }

  /**
   * Something that may be said only after the copy has reached a version, or {@link
   * FollowedRecord#REMOVED}.
   */
  record Parked(long incarnation, int version, Runnable action) {}

  /** An answer that may be given only after those of so many writes. */
  private record Behind(long writes, Runnable action) {}

  final FollowedRecord copy;
  final @Nullable RecordGroup[] groups;
  private final Deque<RecordChange> early = new ArrayDeque<>();
  private List<Waiter> waiting = new ArrayList<>(1);
  private List<Parked> parked = new ArrayList<>(0);
  private List<Parked> overdue = new ArrayList<>(0);
  private final Deque<Behind> behindWrites = new ArrayDeque<>(0);
  private long earlyLength;
  private boolean earlyLost;

  /** Whether the owner's state is being read. */
  boolean loading = true;

  /** How often the owner's state has been taken. */
  int loads;

  /** No longer among the followed ones: nothing that is heard of it counts. */
  boolean dead;

  boolean lingering;
  int subscribers;
  private long writesBegun;
  private long writesAnswered;

  FollowedEntry(RecordName name, int loops) {
    this.copy = new FollowedRecord(name);
    this.groups = new RecordGroup[loops];
  }

  void await(Waiter waiter) {
    waiting.add(waiter);
  }

  boolean isIdle() {
    return subscribers == 0 && waiting.isEmpty() && parked.isEmpty() && overdue.isEmpty();
  }

  List<Waiter> takeWaiting() {
    List<Waiter> all = waiting;
    waiting = new ArrayList<>(0);
    return all;
  }

  void addEarly(RecordChange change) {
    earlyLength += change.length();
    if (early.size() >= MAX_EARLY_CHANGES || earlyLength > MAX_EARLY_LENGTH) {
      early.clear();
      earlyLength = 0;
      earlyLost = true;
      return;
    }
    early.add(change);
  }

  @Nullable RecordChange pollEarly() {
    RecordChange change = early.poll();
    if (change != null) {
      earlyLength -= change.length();
    }
    return change;
  }

  /** Whether early changes had to be thrown away since this was last asked. */
  boolean takeEarlyLost() {
    boolean lost = earlyLost;
    earlyLost = false;
    return lost;
  }

  void park(Parked action) {
    parked.add(action);
  }

  boolean isParked(Parked action) {
    return parked.contains(action);
  }

  /** This node has asked for a write. */
  void writeBegun() {
    writesBegun++;
  }

  /** The owner has answered, which it does in order. */
  void writeAnswered() {
    writesAnswered++;
  }

  boolean hasOpenWrites() {
    return writesAnswered < writesBegun;
  }

  /** How many writes this node has asked for until now. */
  long writesBegun() {
    return writesBegun;
  }

  /** Runs the action when so many writes have been answered, at once if they have. */
  void behindWrites(long writes, Runnable action) {
    behindWrites.add(new Behind(writes, action));
    runBehindWrites();
  }

  /** To be called when what follows from the answer to a write is done. */
  void runBehindWrites() {
    for (Behind first = behindWrites.peek();
        first != null && first.writes() <= writesAnswered;
        first = behindWrites.peek()) {
      behindWrites.remove();
      first.action().run();
    }
  }

  /** What is parked now is to wait for the next read of the state and no longer. */
  void parkedAreOverdue() {
    overdue.addAll(parked);
    parked = new ArrayList<>(0);
  }

  List<Parked> takeOverdue() {
    List<Parked> all = overdue;
    overdue = new ArrayList<>(0);
    return all;
  }

  /** Those whose version the copy has reached; all of them if {@code anyway}. */
  List<Parked> takeReached(boolean anyway) {
    if (parked.isEmpty()) {
      return List.of();
    }
    List<Parked> reached = new ArrayList<>();
    List<Parked> rest = new ArrayList<>(0);
    for (Parked each : parked) {
      (anyway || copy.reaches(each.incarnation(), each.version()) ? reached : rest).add(each);
    }
    parked = rest;
    return reached;
  }
}
