package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.FollowedEntry.Parked;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of one home loop that this node follows: how that begins and ends, and how their
 * copies are kept in step with the owners. Confined to that loop.
 *
 * <p>The first one who needs it makes the node follow a record: the owner notes the interest and
 * returns the state in one step, so that no change falls in between. Changes that arrive before the
 * state are kept and applied on top. A hole in the versions leads to reading again, never to
 * guessing (P2). When the last subscriber has gone the record is followed a little longer, since
 * pages are reloaded.
 */
final class FollowedRecords {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedRecords.class);
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** How long an answer waits for a change that was published before it. */
  private static final Duration CATCH_UP = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final int loopCount;
  private final RecordStore store;
  private final RecordFanout fanout;
  private final RecordInterests interests;
  private final Reconciliation reconciliation;
  private final Map<RecordName, FollowedEntry> followed = new HashMap<>();

  /** Nodes whose changes no longer count: others may have decided without them. */
  private Set<String> lost = Set.of();

  FollowedRecords(
      EventLoop loop,
      int loopCount,
      RecordStore store,
      RecordFanout fanout,
      RecordInterests interests,
      ReconciliationCounter reconciliations) {
    this.loop = loop;
    this.loopCount = loopCount;
    this.store = store;
    this.fanout = fanout;
    this.interests = interests;
    this.reconciliation = new Reconciliation(loop, store, reconciliations, new Differences());
  }

  @Nullable FollowedEntry get(RecordName name) {
    return followed.get(name);
  }

  /**
   * Changes of these nodes do not count from now on, but those of all others do.
   *
   * <p>What a lost owner published and nobody has a copy of may still be on its way here. After a
   * record was compared with its next owner, it would undo that.
   */
  void ignore(Set<String> nodes) {
    lost = nodes;
  }

  /** Has everything that is followed compared with what the owners have. */
  void reconcile() {
    reconciliation.begin(List.copyOf(followed.values()));
  }

  private final class Differences implements Reconciliation.Shard {
    @Override
    public void differs(FollowedEntry entry, RecordStore.Comparison comparison) {
      RecordSnapshot state = comparison.state();
      // A removal that only a lost owner knew of has not taken place.
      boolean revived = state.exists() && !entry.copy.exists();
      // An owner that moves past what others have published says so once, and that may have been
      // lost; and who has not heard of a removal is not helped by one that is made up for.
      boolean goesOn = state.exists() && state.version() > entry.copy.version();
      if (comparison.movedPast() || revived || goesOn) {
        if (!entry.copy.reachesLife(state.incarnation(), state.version())) {
          entry.copy.reset(state);
          fanout.state(entry);
          runReached(entry, false);
        }
        return;
      }
      if (state.exists() && entry.copy.reaches(state.incarnation(), state.version())) {
        return;
      }
      entry.loading = true;
      loaded(entry, state);
    }

    @Override
    public void followedInVain(RecordName name) {
      if (!followed.containsKey(name)) {
        store.unfollow(name);
      }
    }
  }

  /** A change has arrived from the owner. */
  void changed(String owner, RecordChange change) {
    FollowedEntry entry = followed.get(change.name());
    if (entry == null || lost.contains(owner)) {
      return;
    }
    if (entry.loading) {
      entry.addEarly(change);
      return;
    }
    take(entry, change);
  }

  private void take(FollowedEntry entry, RecordChange change) {
    if (!change.resync() && entry.subscribers > 0 && entry.copy.isBefore(change.incarnation())) {
      endLife(entry);
      return;
    }
    switch (entry.copy.take(change)) {
      case OLD -> {}
      case GAP -> reload(entry);
      case TAKEN -> {
        boolean removed = change.body() instanceof RecordChange.Deleted;
        if (removed) {
          end(entry);
        }
        fanout.change(entry, change);
        runReached(entry, removed);
      }
    }
  }

  /**
   * The life that was followed has ended, and its end was not heard of. In the next life versions
   * begin again, which subscribers of this one would take for old ones.
   */
  private void endLife(FollowedEntry entry) {
    end(entry);
    fanout.removed(entry);
    runReached(entry, true);
    // The owner has noted our interest, in what is no longer there or in the next life.
    store.unfollow(entry.copy.name());
  }

  /** Its subscriptions have ended with it. */
  private void end(FollowedEntry entry) {
    drop(entry);
    interests.endAll(entry.copy.name(), entry.subscribers);
  }

  /** The entry of the name, which begins to be followed if it is not. */
  FollowedEntry entry(RecordName name, boolean create) {
    FollowedEntry known = followed.get(name);
    if (known != null) {
      return known;
    }
    FollowedEntry entry = new FollowedEntry(name, loopCount);
    followed.put(name, entry);
    load(entry, create);
    return entry;
  }

  /** Runs the waiter when the owner's state is known, at once if it is. */
  void whenLive(FollowedEntry entry, FollowedEntry.Waiter waiter) {
    if (entry.loading) {
      entry.await(waiter);
      return;
    }
    waiter.live();
  }

  private void load(FollowedEntry entry, boolean create) {
    Continuation.of(
        store.follow(entry.copy.name(), create),
        (snapshot, failure) -> {
          if (entry.dead) {
            return;
          }
          if (failure != null) {
            loadFailed(entry, failure);
            return;
          }
          loaded(entry, snapshot);
        });
  }

  private void loaded(FollowedEntry entry, RecordSnapshot snapshot) {
    if (entry.takeEarlyLost()) {
      load(entry, false);
      return;
    }
    entry.loads++;
    boolean subscribed = entry.subscribers > 0;
    boolean moved = !entry.copy.reaches(snapshot.incarnation(), snapshot.version());
    boolean ended =
        entry.copy.exists() && (!snapshot.exists() || entry.copy.isBefore(snapshot.incarnation()));
    if (moved || !subscribed) {
      entry.copy.reset(snapshot);
    }
    entry.loading = false;
    if (subscribed && ended) {
      endLife(entry);
    } else if (subscribed && moved && snapshot.exists()) {
      fanout.state(entry);
    }
    for (RecordChange early = entry.pollEarly();
        early != null && !entry.loading && !entry.dead;
        early = entry.pollEarly()) {
      take(entry, early);
    }
    if (!entry.loading) {
      entry.takeOverdue().forEach(parked -> parked.action().run());
      runReached(entry, false);
      entry.takeWaiting().forEach(FollowedEntry.Waiter::live);
    }
  }

  private void loadFailed(FollowedEntry entry, Throwable failure) {
    LOG.warn("record {} cannot be read: {}", entry.copy.name(), failure.toString());
    if (entry.subscribers > 0) {
      // Those who are subscribed must not be left behind: try until it works.
      loop.schedule(CATCH_UP, () -> retry(entry));
      return;
    }
    drop(entry);
    // It is not known what the owner has noted.
    store.unfollow(entry.copy.name());
    entry.takeOverdue().forEach(parked -> parked.action().run());
    entry.takeWaiting().forEach(waiter -> waiter.failed(failure));
    runReached(entry, true);
  }

  private void retry(FollowedEntry entry) {
    if (!entry.dead) {
      load(entry, false);
    }
  }

  private void reload(FollowedEntry entry) {
    entry.loading = true;
    load(entry, false);
  }

  /** The record is followed but missing, and somebody wants it to be there. */
  void create(FollowedEntry entry, FollowedEntry.Waiter waiter) {
    Continuation.of(
        store.follow(entry.copy.name(), true),
        (snapshot, failure) -> {
          if (failure != null) {
            waiter.failed(failure);
            return;
          }
          if (!entry.dead
              && !entry.loading
              && !entry.copy.reachesLife(snapshot.incarnation(), snapshot.version())) {
            entry.copy.reset(snapshot);
            fanout.state(entry);
          }
          whenLive(entry, waiter);
          if (entry.dead && !followed.containsKey(entry.copy.name())) {
            // The record was removed meanwhile and the waiter left; the owner has noted us again.
            store.unfollow(entry.copy.name());
          }
        });
  }

  /** Runs the action once all that was published up to that version has been passed on. */
  void whenReached(RecordName name, long incarnation, int version, Runnable action) {
    FollowedEntry entry = followed.get(name);
    if (entry == null || hasPassed(entry, incarnation, version)) {
      action.run();
      return;
    }
    Parked parked = new Parked(incarnation, version, action);
    entry.park(parked);
    loop.schedule(CATCH_UP, () -> missed(entry, parked));
  }

  /** Whether all that was published up to the version has been passed on. */
  static boolean hasPassed(FollowedEntry entry, long incarnation, int version) {
    return !entry.loading && entry.copy.reaches(incarnation, version);
  }

  /**
   * What was published has not come: read it, and answer then, whatever was read. It may be less
   * than was waited for, if the record has gone meanwhile.
   */
  private void missed(FollowedEntry entry, Parked parked) {
    if (entry.dead || !entry.isParked(parked)) {
      return;
    }
    if (entry.loading) {
      // What is being read now may be from before.
      loop.schedule(CATCH_UP, () -> missed(entry, parked));
      return;
    }
    entry.parkedAreOverdue();
    reload(entry);
  }

  private void runReached(FollowedEntry entry, boolean anyway) {
    entry.takeReached(anyway).forEach(parked -> parked.action().run());
  }

  /** Follows the record a little longer, if nobody has a use for it now. */
  void lingerIfIdle(FollowedEntry entry) {
    if (entry.subscribers > 0 || entry.lingering || entry.dead) {
      return;
    }
    entry.lingering = true;
    loop.schedule(
        LINGER,
        () -> {
          entry.lingering = false;
          if (entry.dead || entry.subscribers > 0) {
            return;
          }
          if (!entry.isIdle() || entry.loading) {
            lingerIfIdle(entry);
            return;
          }
          drop(entry);
          store.unfollow(entry.copy.name());
        });
  }

  private void drop(FollowedEntry entry) {
    entry.dead = true;
    entry.copy.forget();
    followed.remove(entry.copy.name(), entry);
  }
}
