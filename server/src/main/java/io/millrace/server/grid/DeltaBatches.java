package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.map.impl.MapService;
import com.hazelcast.spi.impl.NodeEngineImpl;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaAttempt;
import io.millrace.server.record.DeltaOutcome;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Applies deltas by grid partition: one operation for all deltas of a batch that one partition
 * owns.
 *
 * <p>Where the owner can't do it in passing (the record has to be loaded first, or signed, or a
 * delta before it has not been applied) one delta of that record goes the way that all other writes
 * take, and those behind it wait until it has ended. That is the case once for each record.
 */
final class DeltaBatches implements DeltaSink {
  private final NodeEngineImpl engine;
  private final String map;
  private final PendingAcks acks;
  private final StorageScope storageScope;
  private final Claims claims;
  private final Function<Delta, CompletionStage<DeltaOutcome>> single;

  /**
   * @param single applies one delta with all the trouble that it may take
   */
  DeltaBatches(
      HazelcastInstance hazelcast,
      String map,
      PendingAcks acks,
      StorageScope storageScope,
      Claims claims,
      Function<Delta, CompletionStage<DeltaOutcome>> single) {
    this.engine = ((HazelcastInstanceProxy) hazelcast).getOriginal().node.getNodeEngine();
    this.map = map;
    this.acks = acks;
    this.storageScope = storageScope;
    this.claims = claims;
    this.single = single;
  }

  @Override
  public DeltaWay open(Executor owner) {
    return new Way(owner);
  }

  private record Sent(
      DeltaAttempt attempt, @Nullable AckTicket ticket, @Nullable CompletableFuture<Void> stored) {}

  private final class Way implements DeltaWay {
    private final Executor owner;

    /** What waits behind the one delta of its record that takes the other way. */
    private final Map<String, Deque<DeltaAttempt>> waiting = new HashMap<>();

    Way(Executor owner) {
      this.owner = owner;
    }

    @Override
    public void apply(Iterable<DeltaAttempt> batch) {
      Map<Integer, List<DeltaAttempt>> byPartition = new LinkedHashMap<>();
      for (DeltaAttempt attempt : batch) {
        Deque<DeltaAttempt> queue = waiting.get(attempt.name());
        if (queue != null) {
          queue.add(attempt);
        } else {
          int partition =
              engine.getPartitionService().getPartitionId(engine.toData(attempt.name()));
          byPartition.computeIfAbsent(partition, unused -> new ArrayList<>()).add(attempt);
        }
      }
      byPartition.forEach(this::send);
    }

    private void send(int partition, List<DeltaAttempt> attempts) {
      List<BatchOperation.Item> items = new ArrayList<>(attempts.size());
      List<Sent> sent = new ArrayList<>(attempts.size());
      for (DeltaAttempt attempt : attempts) {
        Delta delta = attempt.delta();
        String name = attempt.name();
        CompletableFuture<Void> stored =
            storageScope.contains(name) ? new CompletableFuture<>() : null;
        AckTicket ticket = stored == null ? null : acks.open(name, false, owner, stored);
        items.add(
            new BatchOperation.Item(
                name,
                new WriteProcessor(
                        new RecordCommand.ApplyDelta(
                            delta.operation(), delta.position(), delta.after()),
                        claims.newIncarnation(),
                        null,
                        ticket,
                        RecentWrites.NO_ID,
                        RecentWrites.NO_ID)
                    .tracedBy(delta.trace())));
        sent.add(new Sent(attempt, ticket, stored));
      }
      CompletionStage<BatchOperation.Answers> answers;
      try {
        answers =
            engine
                .getOperationService()
                .createInvocationBuilder(
                    MapService.SERVICE_NAME, new BatchOperation(map, items), partition)
                .setFailOnIndeterminateOperationState(true)
                .invoke();
      } catch (RuntimeException e) {
        // The grid is gone: the node stops.
        answers = CompletableFuture.failedStage(e);
      }
      CompletionStage<?> unused =
          answers.whenCompleteAsync((given, failure) -> answered(sent, given, failure), owner);
    }

    private void answered(
        List<Sent> sent, BatchOperation.@Nullable Answers answers, @Nullable Throwable failure) {
      for (int i = 0; i < sent.size(); i++) {
        Sent each = sent.get(i);
        if (answers == null) {
          cancel(each);
          each.attempt.end(
              null, failure == null ? new IllegalStateException("no answer") : failure);
        } else {
          answered(each, answers.all().get(i));
        }
      }
    }

    private void answered(Sent sent, GridAnswer answer) {
      if (answer instanceof GridAnswer.Written written && !isTooEarly(written)) {
        end(sent, written);
        return;
      }
      cancel(sent);
      if (answer instanceof GridAnswer.StorageFull) {
        sent.attempt.end(
            null, new StorageException("storage has been away for too long to keep changes", null));
      } else if (answer instanceof GridAnswer.Refused) {
        sent.attempt.end(
            null, new IllegalStateException("this part of the cluster is too small to write"));
      } else if (answer instanceof GridAnswer.Failed(String reason)) {
        sent.attempt.end(null, new IllegalStateException(reason));
      } else {
        alone(sent.attempt);
      }
    }

    private static boolean isTooEarly(GridAnswer.Written written) {
      return written.outcome() instanceof io.millrace.server.record.WriteOutcome.TooEarly;
    }

    private void end(Sent sent, GridAnswer.Written written) {
      DeltaOutcome outcome = DeltaOutcome.of(written.outcome());
      AckTicket ticket = sent.ticket;
      CompletableFuture<Void> stored = sent.stored;
      if (ticket == null || stored == null || !written.durableLater()) {
        cancel(sent);
        sent.attempt.end(outcome, null);
        return;
      }
      CompletionStage<?> unused =
          stored.whenComplete(
              (done, failure) -> sent.attempt.end(failure == null ? outcome : null, failure));
      acks.applied(ticket.id(), written.sequence());
    }

    private void cancel(Sent sent) {
      if (sent.ticket != null) {
        acks.cancel(sent.ticket.id());
      }
    }

    private void alone(DeltaAttempt attempt) {
      String name = attempt.name();
      Deque<DeltaAttempt> behind = waiting.get(name);
      if (behind != null) {
        behind.add(attempt);
        return;
      }
      waiting.put(name, new ArrayDeque<>());
      CompletionStage<?> unused =
          single
              .apply(attempt.delta())
              .whenCompleteAsync(
                  (outcome, failure) -> {
                    attempt.end(outcome, failure);
                    proceed(waiting.remove(name), failure);
                  },
                  owner);
    }

    private void proceed(@Nullable Deque<DeltaAttempt> behind, @Nullable Throwable failure) {
      if (behind == null || behind.isEmpty()) {
        return;
      }
      if (failure == null) {
        apply(behind);
      } else {
        // They must not overtake the one that is handed over again.
        behind.forEach(each -> each.end(null, failure));
      }
    }
  }
}
