package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.Continuation;
import org.jspecify.annotations.Nullable;

/**
 * One session's writes and what it is told of them (protocol §3.3 to §3.5). Confined to its loop.
 */
final class RecordWriting {
  private final Subscriber subscriber;
  private final Records records;
  private final Answers answers;
  private final RecordSubscriptions subscriptions;
  private final Writer writer;
  private final ReadRight readRight;

  RecordWriting(
      Subscriber subscriber,
      Records records,
      Answers answers,
      RecordSubscriptions subscriptions,
      Writer writer,
      ReadRight readRight) {
    this.subscriber = subscriber;
    this.records = records;
    this.answers = answers;
    this.subscriptions = subscriptions;
    this.writer = writer;
    this.readRight = readRight;
  }

  void write(RecordRequest.Write request) {
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
      subscriptions.resync(name);
      return;
    }
    subscriber.requestStarted();
    RecordSubscription own = subscriptions.get(name);
    RecordShard shard = records.shard(name);
    boolean acknowledge = request.ack().wanted();
    TraceContext trace = subscriber.trace();
    records
        .home(name)
        .run(
            () ->
                shard.write(
                    name,
                    command,
                    writer,
                    acknowledge,
                    trace,
                    (result, failure) -> written(replies, request.version(), own, result)));
  }

  /** On the home loop: the owner has answered. */
  private void written(
      WriteReplies replies,
      int version,
      @Nullable RecordSubscription own,
      @Nullable WriteResult result) {
    if (result == null || !(result.outcome() instanceof WriteOutcome.Applied applied)) {
      answers.end(() -> notApplied(replies, version, result));
      return;
    }
    boolean whole = replies.action() == RecordAction.UPDATE;
    subscriber.loop().run(() -> subscriptions.wrote(replies.name(), own, applied.version(), whole));
    if (!replies.ack().wanted()) {
      answers.end();
      return;
    }
    Continuation.of(
        result.durable(),
        (done, failure) ->
            answers.end(failure == null ? replies.acknowledged() : replies.failed()));
  }

  /**
   * On the session's loop. A subscribed client has applied its refused write already and does not
   * roll back: the full state brings it back in step (protocol §10.4). After a plain conflict it
   * finds out by itself, unless it wrote a version that no broadcast has told it of (§10.2).
   */
  private void notApplied(WriteReplies replies, int version, @Nullable WriteResult result) {
    RecordName name = replies.name();
    if (result == null) {
      subscriber.send(replies.failed());
      subscriptions.resync(name);
      return;
    }
    switch (result.outcome()) {
      case WriteOutcome.Conflict conflict -> {
        if (conflict.gap() || subscriptions.get(name) != null) {
          conflicted(replies, version, conflict, true);
        } else {
          // Some may write and not read: to them the state is no answer (P7).
          readRight.ask(name, mayRead -> conflicted(replies, version, conflict, mayRead));
        }
      }
      case WriteOutcome.Missing() -> subscriber.send(replies.failed());
      case WriteOutcome.Invalid invalid -> {
        subscriber.send(replies.invalid());
        subscriptions.resync(name);
      }
      case WriteOutcome.Minority() -> {
        subscriber.send(replies.failed("this part of the cluster is too small to write"));
        subscriptions.resync(name);
      }
      case WriteOutcome.Unknown() -> {
        subscriber.send(replies.failed("it is not known whether the write took place"));
        subscriptions.resync(name);
      }
      case WriteOutcome.Applied applied -> throw new IllegalStateException("was applied");
      case WriteOutcome.TooEarly() -> throw new IllegalStateException("not a delta");
      case WriteOutcome.AlreadyApplied() -> throw new IllegalStateException("not a delta");
    }
  }

  private void conflicted(
      WriteReplies replies, int version, WriteOutcome.Conflict conflict, boolean mayRead) {
    replies.conflict(conflict, mayRead).forEach(subscriber::send);
    if (conflict.gap() || subscriptions.isOutOfStep(replies.name(), version)) {
      subscriptions.resync(replies.name());
    }
  }
}
