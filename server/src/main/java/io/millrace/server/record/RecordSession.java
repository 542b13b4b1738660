package io.millrace.server.record;

import io.millrace.protocol.ParserReply;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.SharedMessage;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one session does with records (protocol §3). Confined to the session's loop; what belongs to
 * a record is handed to the record's home loop, and comes back.
 */
public final class RecordSession {
  private final Subscriber subscriber;
  private final Records records;
  private final Answers answers;
  private final RecordSubscriptions subscriptions;
  private final RecordWriting writing;
  private final Writer writer;

  /**
   * @param readRight the session's
   */
  public RecordSession(Subscriber subscriber, Records records, ReadRight readRight) {
    this.subscriber = subscriber;
    this.records = records;
    this.writer = new Writer(records.node(), subscriber.id());
    this.answers = new Answers(subscriber);
    this.subscriptions = new RecordSubscriptions(subscriber, records, answers);
    this.writing =
        new RecordWriting(subscriber, records, answers, subscriptions, writer, readRight);
  }

  /** Carries out one request. */
  public void handle(RecordRequest request) {
    switch (request) {
      case RecordRequest.Bulk bulk -> {
        if (!subscriptions.handle(bulk)) {
          notServed(bulk);
        }
      }
      case RecordRequest.Notify notify -> notify(notify);
      case RecordRequest.Read read -> read(read.name());
      case RecordRequest.Head head -> head(head.name());
      case RecordRequest.Delete delete -> delete(delete.name());
      case RecordRequest.Write write -> writing.write(write);
      // Served by package listen.
      case RecordRequest.Listen listen -> notServed(listen);
      case RecordRequest.ListenAnswer answer -> notServed(answer);
      case RecordRequest.Unexpected unexpected -> notServed(unexpected);
    }
  }

  /** The incarnation of the record that the subscription to it is in, 0 without one. */
  public long lifeOf(RecordName name) {
    RecordSubscription subscription = subscriptions.get(name);
    return subscription == null ? 0 : subscription.incarnation();
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    subscriptions.writabilityChanged();
  }

  /** The connection is gone. */
  public void close() {
    subscriptions.close();
  }

  private void notServed(RecordRequest request) {
    subscriber.send(ParserReply.notServed(request));
  }

  private void read(RecordName name) {
    subscriber.requestStarted();
    RecordShard shard = records.shard(name);
    RecordShard.ReadAnswer answer =
        new RecordShard.ReadAnswer() {
          @Override
          public void current(int version, SharedMessage readResponse) {
            told(version);
            answers.end(readResponse);
          }

          @Override
          public void state(RecordSnapshot snapshot) {
            told(snapshot.version());
            answers.end(
                snapshot.exists()
                    ? new RecordPush.ReadResponse(name, snapshot.version(), snapshot.data())
                    : RecordPush.Failure.of(
                        RecordAction.RECORD_NOT_FOUND, name, RecordAction.READ));
          }

          @Override
          public void failed(Throwable cause) {
            answers.end(
                RecordPush.Failure.of(
                    RecordAction.STORAGE_RETRIEVAL_TIMEOUT, name, RecordAction.READ));
          }

          private void told(int version) {
            subscriber.loop().run(() -> subscriptions.read(name, version));
          }
        };
    records.home(name).run(() -> shard.read(name, answer));
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
                        answers.end(
                            version == null
                                ? RecordPush.Failure.of(
                                    RecordAction.STORAGE_RETRIEVAL_TIMEOUT, name, RecordAction.HEAD)
                                : new RecordPush.HeadResponse(name, version))));
  }

  private void delete(RecordName name) {
    subscriber.requestStarted();
    RecordSubscription own = subscriptions.get(name);
    TraceContext trace = subscriber.trace();
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
                    trace,
                    (result, failure) -> {
                      if (result == null || !(result.outcome() instanceof WriteOutcome.Applied)) {
                        answers.end(() -> notDeleted(name));
                        return;
                      }
                      Continuation.of(
                          result.durable(),
                          (done, problem) -> answers.end(() -> deleted(name, own, problem)));
                    }));
  }

  private void deleted(
      RecordName name, @Nullable RecordSubscription own, @Nullable Throwable problem) {
    if (problem != null) {
      subscriber.send(deleteFailed(name));
      return;
    }
    subscriptions.deleted(own);
    subscriber.send(new RecordPush.DeleteSuccess(name));
  }

  private void notDeleted(RecordName name) {
    subscriber.send(deleteFailed(name));
    subscriptions.resync(name);
  }

  private static RecordPush deleteFailed(RecordName name) {
    return RecordPush.Failure.of(RecordAction.RECORD_DELETE_ERROR, name, RecordAction.DELETE);
  }

  private void notify(RecordRequest.Notify request) {
    subscriber.requestStarted();
    refreshFrom(request, 0);
  }

  /** One after the other: a request may name many, and each one reads storage. */
  private void refreshFrom(RecordRequest.Notify request, int index) {
    if (index == request.names().size()) {
      answers.end(
          new RecordPush.Ack(RecordAction.NOTIFY, null, request.names(), request.correlationId()));
      return;
    }
    RecordName name = request.names().get(index);
    RecordShard shard = records.shard(name);
    CompletableFuture<Void> refreshed = new CompletableFuture<>();
    records
        .home(name)
        .run(
            () ->
                Continuation.of(
                    shard.refresh(name),
                    (done, failure) -> {
                      if (failure == null) {
                        refreshed.complete(null);
                      } else {
                        refreshed.completeExceptionally(failure);
                      }
                    }));
    Continuation.of(
        refreshed,
        (done, failure) -> {
          if (failure != null) {
            answers.end(notifyFailed(request));
            return;
          }
          subscriber.loop().execute(() -> refreshFrom(request, index + 1));
        });
  }

  private static RecordPush notifyFailed(RecordRequest.Notify request) {
    return new RecordPush.Failure(
        RecordAction.RECORD_NOTIFY_ERROR,
        null,
        null,
        true,
        new WriteAckRequest(false, request.correlationId()),
        null,
        new JsonText("\"storage could not be read\""));
  }
}
