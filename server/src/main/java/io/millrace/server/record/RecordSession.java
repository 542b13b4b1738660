package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one session does with records (protocol §3): its subscriptions, its requests and the
 * answers. Confined to the session's loop; what belongs to a record is handed to the record's home
 * loop, and comes back.
 */
public final class RecordSession {

  /** States asked for at once when a slow reader reads again. */
  private static final int CATCH_UP_BATCH = 16;

  private final Subscriber subscriber;
  private final Records records;
  private final Writer writer;
  private final Map<RecordName, RecordSubscription> subscriptions = new HashMap<>(4);
  private final Deque<RecordSubscription> stale = new ArrayDeque<>(0);
  private int catchingUp;
  private boolean closed;

  public RecordSession(Subscriber subscriber, Records records) {
    this.subscriber = subscriber;
    this.records = records;
    this.writer = new Writer(records.node(), subscriber.id());
  }

  Subscriber subscriber() {
    return subscriber;
  }

  /** Carries out one request. */
  public void handle(RecordRequest request) {
    switch (request) {
      case RecordRequest.Bulk bulk -> bulk(bulk);
      case RecordRequest.Notify notify -> notify(notify);
      case RecordRequest.Read read -> read(read.name());
      case RecordRequest.Head head -> head(head.name());
      case RecordRequest.Delete delete -> delete(delete.name());
      case RecordRequest.Write write -> write(write);
      case RecordRequest.Listen listen -> notServed(listen);
      case RecordRequest.ListenAnswer answer -> notServed(answer);
      case RecordRequest.Unexpected unexpected -> notServed(unexpected);
    }
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    catchUp();
  }

  /** The connection is gone. */
  public void close() {
    closed = true;
    subscriptions.values().forEach(this::leave);
    subscriptions.clear();
    stale.clear();
  }

  private void notServed(RecordRequest request) {
    subscriber.send(
        new io.millrace.protocol.ParserReply(
            io.millrace.protocol.ParserAction.UNKNOWN_ACTION,
            request.action().topic().number(),
            request.action().number()));
  }

  // --- subscriptions

  private void bulk(RecordRequest.Bulk bulk) {
    switch (bulk.action()) {
      case UNSUBSCRIBE -> unsubscribe(bulk);
      case SUBSCRIBECREATEANDREAD, SUBSCRIBEANDREAD -> {
        // The one ack that comes before anything was done, and repeats the names (protocol §1.8).
        subscriber.send(
            new RecordPush.Ack(bulk.action(), null, bulk.names(), bulk.correlationId()));
        bulk.names().forEach(name -> subscribeAndRead(name, bulk.action()));
      }
      case SUBSCRIBEANDHEAD, SUBSCRIBE -> new BulkHead(bulk).start();
      default -> notServed(bulk);
    }
  }

  private void unsubscribe(RecordRequest.Bulk bulk) {
    for (RecordName name : bulk.names()) {
      RecordSubscription subscription = subscriptions.remove(name);
      if (subscription != null) {
        leave(subscription);
      }
    }
    subscriber.send(new RecordPush.Ack(bulk.action(), null, List.of(), bulk.correlationId()));
  }

  private void leave(RecordSubscription subscription) {
    subscription.end();
    RecordShard shard = records.shard(subscription.name());
    records.home(subscription.name()).run(() -> shard.unsubscribe(subscription));
  }

  private void subscribeAndRead(RecordName name, RecordAction action) {
    if (subscriptions.containsKey(name)) {
      subscriber.send(new RecordPush.MultipleSubscriptions(name.value(), RecordAction.SUBSCRIBE));
      read(name);
      return;
    }
    boolean create = action == RecordAction.SUBSCRIBECREATEANDREAD;
    RecordSubscription subscription = new RecordSubscription(name, this);
    subscriptions.put(name, subscription);
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    RecordShard.Start start =
        new RecordShard.Start() {
          @Override
          public void live(FollowedRecord copy, RecordGroup group) {
            SharedMessage state = copy.readResponse(records.encoder());
            int version = copy.version();
            state.retain();
            subscriber.loop().run(() -> attach(subscription, group, version, state));
          }

          @Override
          public void failed(Throwable cause) {
            subscriber.loop().run(() -> subscriptionFailed(subscription, action));
          }
        };
    records.home(name).run(() -> shard.subscribe(subscription, create, start));
  }

  private void attach(
      RecordSubscription subscription, RecordGroup group, int version, SharedMessage state) {
    subscription.attach(group, version);
    if (!closed) {
      subscriber.send(state);
    }
    state.release();
    subscriber.requestEnded();
  }

  private void subscriptionFailed(RecordSubscription subscription, RecordAction action) {
    subscription.end();
    subscriptions.remove(subscription.name(), subscription);
    subscriber.send(
        RecordPush.Failure.of(RecordAction.RECORD_LOAD_ERROR, subscription.name(), action));
    subscriber.requestEnded();
  }

  /** Subscribes many names and answers once, with all versions (protocol §3.2). */
  private final class BulkHead {
    private final RecordRequest.Bulk request;
    private final Map<String, Integer> versions = new HashMap<>();
    private final List<RecordSubscription> started = new ArrayList<>();
    private int open;

    BulkHead(RecordRequest.Bulk request) {
      this.request = request;
    }

    void start() {
      open = 1;
      subscriber.requestStarted();
      request.names().forEach(this::startOne);
      ended();
    }

    private void startOne(RecordName name) {
      open++;
      RecordShard shard = records.shard(name);
      if (subscriptions.containsKey(name)) {
        RecordAction original =
            request.action() == RecordAction.SUBSCRIBE
                ? RecordAction.SUBSCRIBE
                : RecordAction.SUBSCRIBEANDHEAD;
        subscriber.send(new RecordPush.MultipleSubscriptions(name.value(), original));
        records
            .home(name)
            .run(
                () ->
                    shard.head(
                        name,
                        (version, failure) ->
                            subscriber.loop().run(() -> headRead(name, version))));
        return;
      }
      RecordSubscription subscription = new RecordSubscription(name, RecordSession.this);
      subscriptions.put(name, subscription);
      RecordShard.Start start =
          new RecordShard.Start() {
            @Override
            public void live(FollowedRecord copy, RecordGroup group) {
              int version = copy.version();
              subscriber.loop().run(() -> attached(subscription, group, version));
            }

            @Override
            public void failed(Throwable cause) {
              subscriber.loop().run(() -> failedOne(subscription));
            }
          };
      records.home(name).run(() -> shard.subscribe(subscription, false, start));
    }

    private void attached(RecordSubscription subscription, RecordGroup group, int version) {
      subscription.attach(group, version);
      started.add(subscription);
      ended();
    }

    private void headRead(RecordName name, @Nullable Integer version) {
      if (version != null) {
        versions.put(name.value(), version);
      }
      ended();
    }

    /** Left out of the answer: -1 would make the client drop what it has. */
    private void failedOne(RecordSubscription subscription) {
      subscription.end();
      subscriptions.remove(subscription.name(), subscription);
      subscriber.send(
          RecordPush.Failure.of(
              RecordAction.RECORD_LOAD_ERROR, subscription.name(), request.action()));
      ended();
    }

    private void ended() {
      open--;
      if (open > 0) {
        return;
      }
      if (request.action() == RecordAction.SUBSCRIBEANDHEAD) {
        // Versions as of now: changes that arrived since have been sent already.
        started.forEach(each -> versions.put(each.name().value(), each.version()));
        subscriber.send(new RecordPush.HeadResponseBulk(versions));
      }
      subscriber.send(
          new RecordPush.Ack(request.action(), null, List.of(), request.correlationId()));
      subscriber.requestEnded();
    }
  }

  void dropped(RecordSubscription subscription) {
    subscriptions.remove(subscription.name(), subscription);
  }

  // --- slow readers

  void becameStale(RecordSubscription subscription) {
    stale.add(subscription);
  }

  /** Brings stale subscriptions up to date, a few at a time, as long as the reader reads. */
  private void catchUp() {
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
    // Queued even when it is the same loop: the caller may be in the middle of a fan-out.
    records
        .home(subscription.name())
        .execute(
            () ->
                shard.catchUp(
                    subscription,
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
                    }));
  }

  private void caughtUp(RecordSubscription subscription, @Nullable SharedMessage state) {
    catchingUp--;
    if (state != null) {
      if (!closed) {
        if (subscriber.isWritable()) {
          subscription.refresh(state);
        } else if (subscription.isStale()) {
          stale.add(subscription);
        }
      }
      state.release();
    } else {
      // What comes into being later is sent as it comes.
      subscription.upToDate();
    }
    catchUp();
  }

  // --- reading

  private void read(RecordName name) {
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    records
        .home(name)
        .run(() -> shard.read(name, (snapshot, failure) -> answer(readAnswer(name, snapshot))));
  }

  private static ServerMessage readAnswer(RecordName name, @Nullable RecordSnapshot snapshot) {
    if (snapshot == null) {
      return RecordPush.Failure.of(RecordAction.STORAGE_RETRIEVAL_TIMEOUT, name, RecordAction.READ);
    }
    return snapshot.exists()
        ? new RecordPush.ReadResponse(name, snapshot.version(), snapshot.data())
        : RecordPush.Failure.of(RecordAction.RECORD_NOT_FOUND, name, RecordAction.READ);
  }

  private void head(RecordName name) {
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    records
        .home(name)
        .run(
            () ->
                shard.head(
                    name,
                    (version, failure) ->
                        answer(
                            version == null
                                ? RecordPush.Failure.of(
                                    RecordAction.STORAGE_RETRIEVAL_TIMEOUT, name, RecordAction.HEAD)
                                : new RecordPush.HeadResponse(name, version))));
  }

  /** From any loop: sends the answer that ends a request. */
  private void answer(ServerMessage message) {
    subscriber
        .loop()
        .run(
            () -> {
              subscriber.send(message);
              subscriber.requestEnded();
            });
  }

  // --- writing

  private void write(RecordRequest.Write request) {
    RecordName name = request.name();
    WriteReplies replies =
        new WriteReplies(name, WriteParser.normalisedAction(request), request.ack());
    boolean hot = records.isHot(request);
    if (hot && request instanceof RecordRequest.Patch) {
      subscriber.send(replies.patchOnHotPath());
      return;
    }
    RecordCommand command = WriteParser.parse(request, hot).orElse(null);
    if (command == null) {
      subscriber.send(replies.invalid());
      resync(name);
      return;
    }
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    boolean acknowledge = request.ack().wanted();
    records
        .home(name)
        .run(
            () ->
                shard.write(
                    name,
                    command,
                    writer,
                    acknowledge,
                    (result, failure) -> written(replies, result)));
  }

  /** On the home loop: the owner has answered. */
  private void written(WriteReplies replies, @Nullable WriteResult result) {
    if (result != null && result.outcome() instanceof WriteOutcome.Applied) {
      if (!replies.ack().wanted()) {
        subscriber.loop().run(subscriber::requestEnded);
        return;
      }
      Continuation.of(
          result.durable(),
          (done, failure) -> answer(failure == null ? replies.acknowledged() : replies.failed()));
      return;
    }
    subscriber.loop().run(() -> notApplied(replies, result));
  }

  private void notApplied(WriteReplies replies, @Nullable WriteResult result) {
    subscriber.requestEnded();
    if (result == null) {
      subscriber.send(replies.failed());
      resync(replies.name());
      return;
    }
    switch (result.outcome()) {
      case WriteOutcome.Conflict conflict -> {
        replies.conflict(conflict).forEach(subscriber::send);
        if (conflict.gap() || isStale(replies.name())) {
          resync(replies.name());
        }
      }
      case WriteOutcome.Missing() -> subscriber.send(replies.failed());
      case WriteOutcome.Invalid invalid -> {
        subscriber.send(replies.invalid());
        resync(replies.name());
      }
      case WriteOutcome.Applied applied -> throw new IllegalStateException("was applied");
      case WriteOutcome.TooEarly() -> throw new IllegalStateException("not a delta");
      case WriteOutcome.AlreadyApplied() -> throw new IllegalStateException("not a delta");
    }
  }

  private boolean isStale(RecordName name) {
    RecordSubscription subscription = subscriptions.get(name);
    return subscription != null && subscription.isStale();
  }

  /**
   * A subscribed client has applied a refused write already and does not roll back: the full state
   * brings it back in step (protocol §10.4).
   */
  private void resync(RecordName name) {
    RecordSubscription subscription = subscriptions.get(name);
    if (subscription != null && subscription.markStale()) {
      stale.add(subscription);
      catchUp();
    }
  }

  // --- removing, notifying

  private void delete(RecordName name) {
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    records
        .home(name)
        .run(
            () ->
                shard.write(
                    name,
                    new RecordCommand.Remove(),
                    writer,
                    true,
                    (result, failure) -> {
                      CompletableFuture<Void> durable =
                          result == null
                              ? CompletableFuture.failedFuture(
                                  failure == null ? new IllegalStateException() : failure)
                              : result.durable();
                      Continuation.of(
                          durable,
                          (done, problem) ->
                              answer(
                                  problem == null
                                      ? new RecordPush.DeleteSuccess(name)
                                      : RecordPush.Failure.of(
                                          RecordAction.RECORD_DELETE_ERROR,
                                          name,
                                          RecordAction.DELETE)));
                    }));
  }

  private void notify(RecordRequest.Notify request) {
    subscriber.requestStarted();
    CompletableFuture<?>[] refreshed =
        request.names().stream()
            .map(
                name -> {
                  CompletableFuture<Void> done = new CompletableFuture<>();
                  RecordShard shard = records.shard(name);
                  records
                      .home(name)
                      .run(() -> Continuation.of(shard.refresh(name), (v, f) -> complete(done, f)));
                  return done;
                })
            .toArray(CompletableFuture<?>[]::new);
    Continuation.of(
        CompletableFuture.allOf(refreshed),
        (done, failure) ->
            answer(
                failure == null
                    ? new RecordPush.Ack(
                        RecordAction.NOTIFY, null, request.names(), request.correlationId())
                    : new RecordPush.Failure(
                        RecordAction.RECORD_NOTIFY_ERROR,
                        null,
                        null,
                        true,
                        new WriteAckRequest(false, request.correlationId()),
                        null,
                        new io.millrace.protocol.value.JsonText("\"storage could not be read\""))));
  }

  private static void complete(CompletableFuture<Void> future, @Nullable Throwable failure) {
    if (failure == null) {
      future.complete(null);
    } else {
      future.completeExceptionally(failure);
    }
  }
}
