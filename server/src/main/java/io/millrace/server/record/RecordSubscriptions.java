package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session's subscriptions to records: how they begin and end (protocol §3.2), and how a slow
 * reader catches up (P6). Confined to the session's loop.
 */
final class RecordSubscriptions {

  /** Records that one socket may be subscribed to; ten times what the largest seat map has. */
  static final int MAX_SUBSCRIPTIONS = 100_000;

  /** States asked for at once when a slow reader reads again. */
  private static final int CATCH_UP_BATCH = 16;

  private final Subscriber subscriber;
  private final Records records;
  private final Answers answers;
  private final Map<RecordName, RecordSubscription> byName = new HashMap<>(4);
  private final Deque<RecordSubscription> stale = new ArrayDeque<>(0);

  /** Those that were not told of their provider because the client did not read. */
  private final Set<RecordSubscription> untold = new LinkedHashSet<>(0);

  private int catchingUp;
  private boolean closed;

  RecordSubscriptions(Subscriber subscriber, Records records, Answers answers) {
    this.subscriber = subscriber;
    this.records = records;
    this.answers = answers;
  }

  Subscriber subscriber() {
    return subscriber;
  }

  /** Carries out a bulk request; false if it is none that a client may make. */
  boolean handle(RecordRequest.Bulk bulk) {
    switch (bulk.action()) {
      case UNSUBSCRIBE -> unsubscribe(bulk);
      case SUBSCRIBECREATEANDREAD, SUBSCRIBEANDREAD -> {
        // The one ack that comes before anything was done, and repeats the names (protocol §1.8).
        subscriber.send(
            new RecordPush.Ack(bulk.action(), null, bulk.names(), bulk.correlationId()));
        subscribeAndRead(bulk, 0);
      }
      case SUBSCRIBEANDHEAD, SUBSCRIBE -> new BulkHead(bulk, subscriber, this).start();
      default -> {
        return false;
      }
    }
    return true;
  }

  void close() {
    closed = true;
    byName.values().forEach(this::leave);
    byName.clear();
    stale.clear();
    untold.clear();
  }

  private void unsubscribe(RecordRequest.Bulk bulk) {
    for (RecordName name : bulk.names()) {
      RecordSubscription subscription = byName.remove(name);
      if (subscription != null) {
        leave(subscription);
      }
    }
    subscriber.send(new RecordPush.Ack(bulk.action(), null, List.of(), bulk.correlationId()));
  }

  private void leave(RecordSubscription subscription) {
    subscription.end();
    untold.remove(subscription);
    RecordShard shard = records.shard(subscription.name());
    records.home(subscription.name()).run(() -> shard.unsubscribe(subscription));
  }

  /** As many at once as may be open; the rest when some of them are answered. */
  private void subscribeAndRead(RecordRequest.Bulk bulk, int from) {
    for (int i = from; i < bulk.names().size(); i++) {
      if (subscriber.isBusy()) {
        int next = i;
        subscriber.whenFree(() -> subscribeAndRead(bulk, next));
        return;
      }
      RecordName name = bulk.names().get(i);
      if (!refuse(name, bulk)) {
        subscribeAndRead(name, bulk.action());
      }
    }
  }

  private void subscribeAndRead(RecordName name, RecordAction action) {
    subscriber.requestStarted();
    RecordSubscription subscription = subscription(name, RecordAction.SUBSCRIBE);
    start(
        subscription,
        action == RecordAction.SUBSCRIBECREATEANDREAD,
        new RecordShard.Start() {
          @Override
          public void live(FollowedRecord copy, RecordGroup group) {
            SharedMessage state = copy.readResponse(records.encoder());
            long incarnation = copy.incarnation();
            int version = copy.version();
            state.retain();
            answers.end(() -> attach(subscription, group, incarnation, version, state));
          }

          @Override
          public void failed(Throwable cause) {
            answers.end(() -> subscriptionFailed(subscription, action));
          }

          @Override
          public void abandoned() {
            answers.end();
          }
        });
  }

  /** Refuses the name if the client has too many already; answers whether it did (P6). */
  boolean refuse(RecordName name, RecordRequest.Bulk bulk) {
    if (byName.size() < MAX_SUBSCRIPTIONS || byName.containsKey(name)) {
      return false;
    }
    subscriber.send(
        new RecordPush.Failure(
            RecordAction.MESSAGE_DENIED,
            name.value(),
            bulk.action(),
            true,
            new WriteAckRequest(false, bulk.correlationId()),
            null,
            null));
    return true;
  }

  /** The subscription to the name, which is told to the client if there is one already. */
  RecordSubscription subscription(RecordName name, RecordAction action) {
    RecordSubscription known = byName.get(name);
    if (known != null) {
      subscriber.send(new RecordPush.MultipleSubscriptions(name.value(), action));
      return known;
    }
    RecordSubscription subscription = new RecordSubscription(name, this);
    byName.put(name, subscription);
    return subscription;
  }

  void start(RecordSubscription subscription, boolean create, RecordShard.Start start) {
    RecordShard shard = records.shard(subscription.name());
    records.home(subscription.name()).run(() -> shard.subscribe(subscription, create, start));
  }

  private void attach(
      RecordSubscription subscription,
      RecordGroup group,
      long incarnation,
      int version,
      SharedMessage state) {
    try {
      if (subscription.attach(group, incarnation, version)) {
        subscriber.send(state);
      }
    } finally {
      state.release();
    }
  }

  /** The record cannot be read now, so there is no subscription. */
  void subscriptionFailed(RecordSubscription subscription, RecordAction action) {
    byName.remove(subscription.name(), subscription);
    // Another request for it may have been under way.
    leave(subscription);
    subscriber.send(
        RecordPush.Failure.of(RecordAction.RECORD_LOAD_ERROR, subscription.name(), action));
  }

  /** The record is gone, and the subscription with it. */
  void dropped(RecordSubscription subscription) {
    untold.remove(subscription);
    byName.remove(subscription.name(), subscription);
  }

  // --- staying in step

  @Nullable RecordSubscription get(RecordName name) {
    return byName.get(name);
  }

  /**
   * A write of this session made that version. The change is sent to all but this connection, whose
   * client knows it by itself; but if it has subscribed since it wrote, it may have been sent the
   * state from before.
   *
   * <p>And a client that reads a record which it is subscribed to is merging. If VERSION_EXISTS
   * comes before what it reads, it merges with that, writes what comes of it as a whole, and then
   * silently takes the older state that it had asked for (protocol §10.7).
   *
   * @param own what was subscribed when the write was made
   * @param whole whether the whole record was written
   */
  void wrote(RecordName name, @Nullable RecordSubscription own, int version, boolean whole) {
    RecordSubscription subscription = byName.get(name);
    if (subscription == null) {
      return;
    }
    boolean merged = subscription.wrote(version) && whole;
    if ((subscription != own || merged) && !subscription.isStale()) {
      // The next change would leave a hole: it waits for the full state.
      subscription.markStale();
      becameStale(subscription);
      catchUp();
    }
  }

  /**
   * The client reads that version. While it waits for it, it does not take changes, that one
   * included (protocol §10.6).
   */
  void read(RecordName name, int version) {
    RecordSubscription subscription = byName.get(name);
    if (subscription != null) {
      subscription.read(version);
    }
  }

  /**
   * The record was removed for this session.
   *
   * @param own what was subscribed when the removal was asked for: it has ended with the record,
   *     unless there was none to be removed, or its state was still to come
   */
  void deleted(@Nullable RecordSubscription own) {
    if (own != null && byName.remove(own.name(), own)) {
      leave(own);
    }
  }

  /** Whether the client cannot find out by itself that its write of that version came too late. */
  boolean isOutOfStep(RecordName name, int version) {
    RecordSubscription subscription = byName.get(name);
    return subscription != null && (subscription.isStale() || subscription.knowsUnseen(version));
  }

  /** Sends the client the full state, if it is subscribed; changes go on meanwhile. */
  void resync(RecordName name) {
    RecordSubscription subscription = byName.get(name);
    if (subscription != null && !subscription.isStale()) {
      catchUp(subscription);
    }
  }

  void notToldOfProvider(RecordSubscription subscription) {
    untold.add(subscription);
  }

  /** Tells a reader that reads again who has a provider, and brings it up to date. */
  void writabilityChanged() {
    Iterator<RecordSubscription> waiting = untold.iterator();
    while (waiting.hasNext() && subscriber.isWritable()) {
      RecordSubscription next = waiting.next();
      waiting.remove();
      next.tellProvider();
    }
    catchUp();
  }

  void becameStale(RecordSubscription subscription) {
    stale.add(subscription);
  }

  /** Brings stale subscriptions up to date, a few at a time, as long as the reader reads. */
  void catchUp() {
    while (subscriber.isWritable() && catchingUp < CATCH_UP_BATCH) {
      RecordSubscription next = stale.poll();
      if (next == null) {
        return;
      }
      if (next.isStale()) {
        catchUp(next);
      }
    }
  }

  private void catchUp(RecordSubscription subscription) {
    catchingUp++;
    RecordShard shard = records.shard(subscription.name());
    RecordShard.CatchUp callback =
        new RecordShard.CatchUp() {
          @Override
          public void current(SharedMessage state) {
            state.retain();
            subscriber.loop().run(() -> caughtUp(subscription, state));
          }

          @Override
          public void gone() {
            subscriber.loop().run(() -> caughtUp(subscription, null));
          }
        };
    // Queued even when it is the same loop: the caller may be in the middle of a fan-out.
    records.home(subscription.name()).execute(() -> shard.catchUp(subscription, callback));
  }

  private void caughtUp(RecordSubscription subscription, @Nullable SharedMessage state) {
    catchingUp--;
    if (state == null) {
      subscription.nothingMissed();
    } else {
      if (closed || subscriber.isWritable()) {
        subscription.refresh(state);
      } else {
        subscription.markStale();
        stale.add(subscription);
      }
      state.release();
    }
    catchUp();
  }
}
