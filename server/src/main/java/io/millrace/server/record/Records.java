package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The record feature of this node: one shard per event loop, and the ways into them for those who
 * are not sessions. Thread-safe.
 */
public final class Records implements RecordFollower {
  private final String node;
  private final EventLoops loops;
  private final MessageEncoder encoder;
  private final List<String> hotPathPrefixes;
  private final List<RecordShard> shards;

  /**
   * @param node this node's name in the grid
   * @param stores makes the view of the grid that the shard of one loop uses
   * @param interest is told which names have subscribers
   */
  public Records(
      String node,
      EventLoops loops,
      MessageEncoder encoder,
      FanoutCounter counter,
      ReconciliationCounter reconciliations,
      List<String> hotPathPrefixes,
      Function<EventLoop, RecordStore> stores,
      InterestObserver interest,
      Tracing tracing) {
    this.node = node;
    this.loops = loops;
    this.encoder = encoder;
    this.hotPathPrefixes = List.copyOf(hotPathPrefixes);
    this.shards =
        loops.all().stream()
            .map(
                loop ->
                    new RecordShard(
                        node,
                        loop,
                        loops,
                        stores.apply(loop),
                        encoder,
                        counter,
                        reconciliations,
                        interest,
                        tracing))
            .toList();
  }

  @Override
  public void changed(String owner, RecordChange change) {
    RecordShard shard = shard(change.name());
    home(change.name()).execute(() -> shard.changed(owner, change));
  }

  @Override
  public void reconcile(Set<String> nodes) {
    Set<String> lost = Set.copyOf(nodes);
    for (EventLoop loop : loops.all()) {
      RecordShard shard = shards.get(loop.index());
      loop.execute(
          () -> {
            shard.ignore(lost);
            shard.reconcile();
          });
    }
  }

  /** Applies one delta by the way that everything takes, behind what was asked for before. */
  public CompletionStage<DeltaOutcome> apply(Delta delta) {
    CompletableFuture<DeltaOutcome> done = new CompletableFuture<>();
    RecordName name = delta.name();
    RecordCommand command =
        new RecordCommand.ApplyDelta(delta.operation(), delta.position(), delta.after());
    RecordShard shard = shard(name);
    home(name)
        .execute(
            () ->
                shard.write(
                    name,
                    command,
                    null,
                    true,
                    delta.trace(),
                    (result, failure) -> applied(done, result, failure)));
    return done;
  }

  private static void applied(
      CompletableFuture<DeltaOutcome> done,
      @Nullable WriteResult result,
      @Nullable Throwable failure) {
    if (result == null) {
      done.completeExceptionally(
          failure == null ? new IllegalStateException("no answer from the grid") : failure);
      return;
    }
    DeltaOutcome outcome;
    try {
      outcome = DeltaOutcome.of(result.outcome());
    } catch (IllegalStateException e) {
      done.completeExceptionally(e);
      return;
    }
    Continuation.of(
        result.durable(),
        (stored, problem) -> {
          if (problem == null) {
            done.complete(outcome);
          } else {
            done.completeExceptionally(problem);
          }
        });
  }

  /**
   * The state at the record's owner, after all that this node has asked about the record before.
   * From any thread; completes on the record's home loop.
   */
  public CompletionStage<RecordSnapshot> current(RecordName name) {
    CompletableFuture<RecordSnapshot> done = new CompletableFuture<>();
    RecordShard shard = shard(name);
    home(name)
        .run(
            () ->
                Continuation.of(
                    shard.current(name),
                    (state, failure) -> {
                      if (state == null) {
                        done.completeExceptionally(
                            failure == null ? new IllegalStateException("no state") : failure);
                      } else {
                        done.complete(state);
                      }
                    }));
    return done;
  }

  String node() {
    return node;
  }

  MessageEncoder encoder() {
    return encoder;
  }

  EventLoop home(RecordName name) {
    return loops.home(name.value());
  }

  RecordShard shard(RecordName name) {
    return shards.get(home(name).index());
  }

  /** Whether the write goes past versions (protocol §3.8). */
  boolean isHot(RecordRequest.Write write) {
    if (write.action() != RecordAction.CREATEANDUPDATE
        && write.action() != RecordAction.CREATEANDPATCH) {
      return false;
    }
    String name = write.name().value();
    for (String prefix : hotPathPrefixes) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
