package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.FollowedEntry.Parked;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in the records whose names are at home on one event loop: who follows them, and
 * what was said to whom. Confined to that loop.
 *
 * <p><b>Order.</b> Everything that this node does with one name passes through here: writes and
 * reads on their way to the owner, changes and answers on their way back. What leaves for a
 * connection's loop leaves in the order in which it happened, because the hand-over between two
 * loops keeps order. So a loser of a conflict hears of the winner's write before it hears that it
 * lost (protocol §10.2), and a read never answers with less than was broadcast before.
 *
 * <p><b>Following.</b> The first subscriber makes the node follow the record: the owner notes the
 * interest and returns the state in one step, so that no change falls in between. Changes that
 * arrive before the state are kept and applied on top. A hole in the versions leads to reading
 * again, never to guessing (P2). When the last subscriber has gone the record is followed a little
 * longer, since pages are reloaded.
 */
final class RecordShard {
  private static final Logger LOG = LoggerFactory.getLogger(RecordShard.class);
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** How long an answer waits for a change that was published before it. */
  private static final Duration CATCH_UP = Duration.ofSeconds(1);

  private final String node;
  private final EventLoop loop;
  private final EventLoops loops;
  private final RecordStore store;
  private final MessageEncoder encoder;
  private final FanoutCounter counter;
  private final RecordInterests interests;
  private final Reconciliation reconciliation;
  private final Tracing tracing;
  private final Map<RecordName, FollowedEntry> followed = new HashMap<>();

  /** Nodes whose changes no longer count: others may have decided without them. */
  private Set<String> lost = Set.of();

  RecordShard(
      String node,
      EventLoop loop,
      EventLoops loops,
      RecordStore store,
      MessageEncoder encoder,
      FanoutCounter counter,
      ReconciliationCounter reconciliations,
      InterestObserver interest,
      Tracing tracing) {
    this.node = node;
    this.loop = loop;
    this.loops = loops;
    this.store = store;
    this.encoder = encoder;
    this.counter = counter;
    this.tracing = tracing;
    this.interests = new RecordInterests(interest, this::providerChanged);
    this.reconciliation = new Reconciliation(loop, store, reconciliations, new Differences());
  }

  /** How a subscription begins. */
  interface Start {
    /** On the home loop, when the state is known and {@code subscription} is counted. */
    void live(FollowedRecord copy, RecordGroup group);

    /** On the home loop: there will be no subscription. */
    void failed(Throwable cause);

    /** On the home loop: the subscription ended before it began. */
    void abandoned();
  }

  void subscribe(RecordSubscription subscription, boolean create, Start start) {
    // Counts from here on, however long the record takes to be read: its provider may have to make
    // it.
    interests.begin(subscription);
    FollowedEntry entry = entry(subscription.name(), create);
    whenLive(
        entry,
        new FollowedEntry.Waiter() {
          @Override
          public void live() {
            if (subscription.released) {
              start.abandoned();
              lingerIfIdle(entry);
            } else if (entry.dead) {
              subscribe(subscription, create, start);
            } else if (create && !entry.copy.exists()) {
              create(entry, this);
            } else {
              begin(entry, subscription, start);
            }
          }

          @Override
          public void failed(Throwable cause) {
            if (subscription.released) {
              start.abandoned();
            } else {
              if (subscription.followed == null) {
                interests.end(subscription);
              }
              start.failed(cause);
            }
            lingerIfIdle(entry);
          }
        });
  }

  private void begin(FollowedEntry entry, RecordSubscription subscription, Start start) {
    if (subscription.followed == null) {
      interests.begin(subscription);
      entry.subscribers++;
      subscription.followed = entry;
    }
    int index = subscription.subscriber().loop().index();
    RecordGroup group = entry.groups[index];
    if (group == null) {
      RecordName name = entry.copy.name();
      group = new RecordGroup(name, counter, interests.isProvided(name));
      entry.groups[index] = group;
    }
    start.live(entry.copy, group);
  }

  void unsubscribe(RecordSubscription subscription) {
    // In any case: a second request for the same subscription may still wait for the record.
    subscription.released = true;
    FollowedEntry entry = subscription.followed;
    if (entry == null) {
      interests.end(subscription);
      return;
    }
    subscription.followed = null;
    if (!entry.dead) {
      interests.end(subscription);
      entry.subscribers--;
      lingerIfIdle(entry);
    }
  }

  /** What a READ is answered, on this loop. */
  interface ReadAnswer {
    /** The record as READ_RESPONSE; to be retained by whoever keeps it. */
    void current(int version, SharedMessage readResponse);

    /** The state, which may be that there is none. */
    void state(RecordSnapshot snapshot);

    void failed(Throwable cause);
  }

  /** The state now: never less than what has been passed on before. */
  void read(RecordName name, ReadAnswer answer) {
    FollowedEntry entry = followed.get(name);
    if (entry != null && !entry.loading && !entry.hasOpenWrites()) {
      if (store.isShared()) {
        confirm(entry, answer);
      } else {
        answer(entry.copy, answer);
      }
      return;
    }
    readFromOwner(name, answer);
  }

  /**
   * Who asks once is not told of what this node is about to hear: the owner is asked whether the
   * copy is of now, which costs much less than to ask it for the record.
   */
  private void confirm(FollowedEntry entry, ReadAnswer answer) {
    RecordName name = entry.copy.name();
    Continuation.of(
        store.head(name),
        (version, failure) -> {
          if (version != null
              && version == entry.copy.version()
              && !entry.loading
              && !entry.dead
              && entry.copy.exists()) {
            answer(entry.copy, answer);
          } else {
            readFromOwner(name, answer);
          }
        });
  }

  /**
   * The owner's answer to a read overtakes that to a write before it, which has to be copied. A
   * client that lost a conflict and reads is to be told of the conflict first: else it is taken for
   * one that does not know what it lost to, and sent a full state that may undo what it writes next
   * (protocol §10.2).
   */
  private void readFromOwner(RecordName name, ReadAnswer answer) {
    FollowedEntry entry = followed.get(name);
    long writes = entry == null ? 0 : entry.writesBegun();
    Continuation.of(
        store.read(name),
        (snapshot, failure) -> {
          if (entry == null) {
            ownerHasRead(name, snapshot, failure, answer);
          } else {
            entry.behindWrites(writes, () -> ownerHasRead(name, snapshot, failure, answer));
          }
        });
  }

  private void ownerHasRead(
      RecordName name,
      @Nullable RecordSnapshot snapshot,
      @Nullable Throwable failure,
      ReadAnswer answer) {
    if (failure != null || snapshot == null) {
      answer.failed(failure == null ? new IllegalStateException("no state") : failure);
      return;
    }
    long incarnation = snapshot.incarnation();
    int version = snapshot.exists() ? snapshot.version() : FollowedRecord.REMOVED;
    whenReached(name, incarnation, version, () -> answerAtLeast(snapshot, name, answer));
  }

  private void answerAtLeast(RecordSnapshot snapshot, RecordName name, ReadAnswer answer) {
    FollowedEntry entry = followed.get(name);
    if (entry != null && hasPassed(entry, snapshot.incarnation(), snapshot.version())) {
      answer(entry.copy, answer);
      return;
    }
    answer.state(snapshot);
  }

  private void answer(FollowedRecord copy, ReadAnswer answer) {
    if (copy.exists()) {
      answer.current(copy.version(), copy.readResponse(encoder));
    } else {
      answer.state(RecordSnapshot.missing(0));
    }
  }

  /** The version now, -1 for a missing record. */
  void head(RecordName name, BiConsumer<@Nullable Integer, @Nullable Throwable> callback) {
    FollowedEntry entry = followed.get(name);
    if (entry != null && !entry.loading && !entry.hasOpenWrites() && !store.isShared()) {
      callback.accept(entry.copy.version(), null);
      return;
    }
    Continuation.of(store.head(name), callback);
  }

  /** What a subscriber that must catch up is told, on this loop. */
  interface CatchUp {
    /** The whole state as UPDATE; to be retained by whoever keeps it. */
    void current(SharedMessage state);

    /** There is nothing to catch up with. */
    void gone();
  }

  void catchUp(RecordSubscription subscription, CatchUp callback) {
    FollowedEntry entry = subscription.followed;
    if (entry == null) {
      callback.gone();
      return;
    }
    whenLive(
        entry,
        new FollowedEntry.Waiter() {
          @Override
          public void live() {
            if (entry.dead || !entry.copy.exists()) {
              callback.gone();
            } else {
              callback.current(entry.copy.update(encoder));
            }
          }

          @Override
          public void failed(Throwable cause) {
            callback.gone();
          }
        });
  }

  /**
   * Has the owner carry out the command. The callback runs on this loop, after everything that the
   * owner published before its answer has been passed on.
   */
  void write(
      RecordName name,
      RecordCommand command,
      @Nullable Writer writer,
      boolean durable,
      @Nullable TraceContext trace,
      BiConsumer<@Nullable WriteResult, @Nullable Throwable> callback) {
    FollowedEntry entry = followed.get(name);
    if (entry == null) {
      Continuation.of(
          store.write(name, command, writer, durable, trace),
          (result, failure) -> ownerHasWritten(name, command, result, failure, callback));
      return;
    }
    entry.writeBegun();
    Continuation.of(
        store.write(name, command, writer, durable, trace),
        (result, failure) -> {
          entry.writeAnswered();
          ownerHasWritten(name, command, result, failure, callback);
          entry.runBehindWrites();
        });
  }

  private void ownerHasWritten(
      RecordName name,
      RecordCommand command,
      @Nullable WriteResult result,
      @Nullable Throwable failure,
      BiConsumer<@Nullable WriteResult, @Nullable Throwable> callback) {
    if (result != null && result.outcome() instanceof WriteOutcome.Conflict conflict) {
      whenReached(
          name,
          conflict.incarnation(),
          conflict.version(),
          () -> callback.accept(atLeast(conflict, name, result), null));
      return;
    }
    if (result != null && result.outcome() instanceof WriteOutcome.Applied applied) {
      // The writer's own change must have passed, too: else a full state from before it could
      // be sent to the writer after it was told that it succeeded. And who opens the record
      // that it has removed must not be given the old one.
      int version =
          command instanceof RecordCommand.Remove ? FollowedRecord.REMOVED : applied.version();
      whenReached(name, applied.incarnation(), version, () -> callback.accept(result, null));
      return;
    }
    callback.accept(result, failure);
  }

  /**
   * The loser is told the newest state that has been passed on, which may be newer than its
   * winner's.
   */
  private WriteResult atLeast(WriteOutcome.Conflict conflict, RecordName name, WriteResult result) {
    FollowedEntry entry = followed.get(name);
    if (conflict.gap()
        || entry == null
        || !hasPassed(entry, conflict.incarnation(), conflict.version())
        || !entry.copy.exists()) {
      return result;
    }
    FollowedRecord copy = entry.copy;
    return new WriteResult(
        new WriteOutcome.Conflict(
            conflict.incarnation(), copy.version(), copy.text(), conflict.gap()),
        result.durable());
  }

  /** The state at the owner, past this node's copy, which may be a little behind. */
  CompletableFuture<RecordSnapshot> current(RecordName name) {
    return store.read(name);
  }

  CompletableFuture<Void> refresh(RecordName name) {
    return store.refresh(name);
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
          sendCurrent(entry, 0, null);
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
        publish(entry, change);
        runReached(entry, false);
      }
    }
  }

  private void publish(FollowedEntry entry, RecordChange change) {
    Writer writer = change.writer();
    long except = writer != null && writer.node().equals(node) ? writer.connection() : 0;
    RecordName name = change.name();
    int version = change.version();
    DeliverySpan span = entry.subscribers > 0 ? DeliverySpan.begin(tracing, change) : null;
    switch (change.body()) {
      case RecordChange.Deleted() -> sendDeleted(entry, except, span);
      case RecordChange.Whole whole -> sendCurrent(entry, except, span);
      case RecordChange.Paths paths -> {
        if (paths.writes().size() == 1) {
          RecordChange.At only = paths.writes().get(0);
          if (entry.subscribers > 0) {
            SharedMessage message =
                encoder.share(new RecordPush.Patch(name, version, only.path(), only.value()));
            deliver(entry, message, except, span);
            message.release();
          }
        } else {
          // Clients up to 7.0 do not know PATCH_MULTI (protocol §3.5).
          sendCurrent(entry, except, span);
        }
      }
    }
    if (span != null) {
      span.handed(0, 0);
    }
  }

  private void sendCurrent(FollowedEntry entry, long except, @Nullable DeliverySpan span) {
    if (entry.subscribers > 0) {
      deliver(entry, entry.copy.update(encoder), except, span);
    }
  }

  private void deliver(
      FollowedEntry entry, SharedMessage message, long except, @Nullable DeliverySpan span) {
    long incarnation = entry.copy.incarnation();
    int version = entry.copy.version();
    for (int i = 0; i < entry.groups.length; i++) {
      RecordGroup group = entry.groups[i];
      if (group != null) {
        if (span != null) {
          span.expect();
        }
        onLoop(i, message, () -> group.deliver(message, incarnation, version, except, span));
      }
    }
  }

  /** Somebody has begun or ceased to provide the record. */
  private void providerChanged(RecordName name, boolean provided) {
    FollowedEntry entry = followed.get(name);
    if (entry == null) {
      return;
    }
    RecordAction action =
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER;
    SharedMessage message = encoder.share(new RecordPush.ProviderState(action, name));
    for (int i = 0; i < entry.groups.length; i++) {
      RecordGroup group = entry.groups[i];
      if (group != null) {
        onLoop(i, message, () -> group.provided(message, provided));
      }
    }
    message.release();
  }

  /** Everybody's subscriptions end with the record. */
  private void sendDeleted(FollowedEntry entry, long except, @Nullable DeliverySpan span) {
    drop(entry);
    interests.endAll(entry.copy.name(), entry.subscribers);
    SharedMessage message = encoder.share(new RecordPush.Deleted(entry.copy.name()));
    for (int i = 0; i < entry.groups.length; i++) {
      RecordGroup group = entry.groups[i];
      if (group != null) {
        if (span != null) {
          span.expect();
        }
        onLoop(i, message, () -> group.deleted(message, except, span));
      }
    }
    message.release();
    runReached(entry, true);
  }

  /**
   * The life that was followed has ended, and its end was not heard of. In the next life versions
   * begin again, which subscribers of this one would take for old ones.
   */
  private void endLife(FollowedEntry entry) {
    sendDeleted(entry, 0, null);
    // The owner has noted our interest, in what is no longer there or in the next life.
    store.unfollow(entry.copy.name());
  }

  private void onLoop(int index, SharedMessage message, Runnable task) {
    message.retain();
    loops
        .get(index)
        .run(
            () -> {
              try {
                task.run();
              } finally {
                message.release();
              }
            });
  }

  private FollowedEntry entry(RecordName name, boolean create) {
    FollowedEntry known = followed.get(name);
    if (known != null) {
      return known;
    }
    FollowedEntry entry = new FollowedEntry(name, loops.count());
    followed.put(name, entry);
    load(entry, create);
    return entry;
  }

  private void whenLive(FollowedEntry entry, FollowedEntry.Waiter waiter) {
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
      sendCurrent(entry, 0, null);
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
  private void create(FollowedEntry entry, FollowedEntry.Waiter waiter) {
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
            sendCurrent(entry, 0, null);
          }
          whenLive(entry, waiter);
          if (entry.dead && !followed.containsKey(entry.copy.name())) {
            // The record was removed meanwhile and the waiter left; the owner has noted us again.
            store.unfollow(entry.copy.name());
          }
        });
  }

  /** Runs the action once all that was published up to that version has been passed on. */
  private void whenReached(RecordName name, long incarnation, int version, Runnable action) {
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
  private static boolean hasPassed(FollowedEntry entry, long incarnation, int version) {
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

  private void lingerIfIdle(FollowedEntry entry) {
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
