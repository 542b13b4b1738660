package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in the records whose names are at home on one event loop: who follows them, and
 * what was said to whom. Confined to that loop.
 *
 * <p><b>Order.</b> Everything that this node does with one name passes through here: writes and
 * reads on their way to the owner, changes and answers on their way back. What leaves for a
 * connection's loop leaves in the order in which it happened, because the hand-over between two
 * loops keeps order. So a loser of a conflict hears of the winner's write before it hears that it
 * lost (protocol §10.2), and a read never answers with less than was broadcast before.
 */
final class RecordShard {
  private final RecordStore store;
  private final MessageEncoder encoder;
  private final FanoutCounter counter;
  private final RecordFanout fanout;
  private final RecordInterests interests;
  private final FollowedRecords followed;

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
    this.store = store;
    this.encoder = encoder;
    this.counter = counter;
    this.fanout = new RecordFanout(node, loops, encoder, tracing);
    this.interests = new RecordInterests(interest, this::providerChanged);
    this.followed =
        new FollowedRecords(loop, loops.count(), store, fanout, interests, reconciliations);
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
    FollowedEntry entry = followed.entry(subscription.name(), create);
    followed.whenLive(
        entry,
        new FollowedEntry.Waiter() {
          @Override
          public void live() {
            if (subscription.released) {
              start.abandoned();
              followed.lingerIfIdle(entry);
            } else if (entry.dead) {
              subscribe(subscription, create, start);
            } else if (create && !entry.copy.exists()) {
              followed.create(entry, this);
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
            followed.lingerIfIdle(entry);
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
      followed.lingerIfIdle(entry);
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
    followed.whenReached(name, incarnation, version, () -> answerAtLeast(snapshot, name, answer));
  }

  private void answerAtLeast(RecordSnapshot snapshot, RecordName name, ReadAnswer answer) {
    FollowedEntry entry = followed.get(name);
    if (entry != null
        && FollowedRecords.hasPassed(entry, snapshot.incarnation(), snapshot.version())) {
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
    followed.whenLive(
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
      followed.whenReached(
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
      followed.whenReached(
          name, applied.incarnation(), version, () -> callback.accept(result, null));
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
        || !FollowedRecords.hasPassed(entry, conflict.incarnation(), conflict.version())
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

  /** See {@link FollowedRecords#ignore}. */
  void ignore(Set<String> nodes) {
    followed.ignore(nodes);
  }

  /** See {@link FollowedRecords#reconcile}. */
  void reconcile() {
    followed.reconcile();
  }

  /** A change has arrived from the owner. */
  void changed(String owner, RecordChange change) {
    followed.changed(owner, change);
  }

  /** Somebody has begun or ceased to provide the record. */
  private void providerChanged(RecordName name, boolean provided) {
    FollowedEntry entry = followed.get(name);
    if (entry != null) {
      fanout.provided(entry, provided);
    }
  }
}
