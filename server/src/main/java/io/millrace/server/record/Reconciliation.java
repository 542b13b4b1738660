package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStore.Comparison;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what this node follows with what the owners have, after something was lost: an owner,
 * with changes that it had published and nobody had a copy of, or the changes themselves. Confined
 * to the home loop of the records.
 *
 * <p>In the background, so many at once, each until it works. New changes flow meanwhile: an owner
 * that has lost nothing answers that it has the same, one that is ahead answers with its state, and
 * one that is behind moves past us.
 */
final class Reconciliation {
  /** Few enough that what clients ask does not wait long behind comparisons. */
  private static final int MAX_UNDER_WAY = 256;

  /** Until a comparison that came to nothing is tried again. */
  private static final Duration AGAIN = Duration.ofMillis(500);

  /** What the shard does with the answers. */
  interface Shard {
    /** The owner has something else than the copy. */
    void differs(FollowedEntry entry, Comparison comparison);

    /** The record is no longer followed, but the owner has noted the interest once more. */
    void followedInVain(RecordName name);
  }

  private final EventLoop loop;
  private final RecordStore store;
  private final ReconciliationCounter counter;
  private final Shard shard;
  private final Set<FollowedEntry> suspects = new LinkedHashSet<>();

  /** Not among the suspects until the time is over: a grid that is gone answers at once. */
  private final Set<FollowedEntry> later = new LinkedHashSet<>();

  private int underWay;
  private boolean waiting;

  Reconciliation(EventLoop loop, RecordStore store, ReconciliationCounter counter, Shard shard) {
    this.loop = loop;
    this.store = store;
    this.counter = counter;
    this.shard = shard;
  }

  /** Has them compared, also those that are being compared already: that may be out of date. */
  void begin(Iterable<FollowedEntry> entries) {
    entries.forEach(suspects::add);
    proceed();
  }

  private void proceed() {
    for (Iterator<FollowedEntry> next = suspects.iterator();
        next.hasNext() && underWay < MAX_UNDER_WAY; ) {
      FollowedEntry entry = next.next();
      next.remove();
      if (entry.dead) {
        continue;
      }
      if (entry.loading) {
        // What is being read may come from the owner that was lost.
        again(entry);
        continue;
      }
      compare(entry);
    }
  }

  private void compare(FollowedEntry entry) {
    FollowedRecord copy = entry.copy;
    long incarnation = copy.incarnation();
    int version = copy.version();
    int loads = entry.loads;
    underWay++;
    Continuation.of(
        store.compare(copy.name(), incarnation, version),
        (comparison, failure) -> {
          underWay--;
          compared(entry, incarnation, version, loads, comparison, failure);
          proceed();
        });
  }

  private void compared(
      FollowedEntry entry,
      long incarnation,
      int version,
      int loads,
      @Nullable Comparison comparison,
      @Nullable Throwable failure) {
    if (entry.dead) {
      if (comparison != null) {
        shard.followedInVain(entry.copy.name());
      }
      return;
    }
    if (failure != null || comparison == null || entry.loading || entry.loads != loads) {
      again(entry);
      return;
    }
    if (comparison.same()) {
      counter.add(1, 0);
      return;
    }
    FollowedRecord copy = entry.copy;
    boolean moved = copy.incarnation() != incarnation || copy.version() != version;
    if (moved && !comparison.state().exists()) {
      // It may have been made anew meanwhile.
      again(entry);
      return;
    }
    counter.add(1, 1);
    shard.differs(entry, comparison);
  }

  private void again(FollowedEntry entry) {
    later.add(entry);
    if (!waiting) {
      waiting = true;
      loop.schedule(
          AGAIN,
          () -> {
            waiting = false;
            suspects.addAll(later);
            later.clear();
            proceed();
          });
    }
  }
}
