package io.millrace.server.kafka;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaAttempt;
import io.millrace.server.record.DeltaOutcome;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.record.LogPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * A sink that keeps the contract of {@link DeltaSink} in memory: positions per record, deltas in
 * order of hand-over; and that can hold back its answers, fail for a while or refuse.
 */
final class FakeSink implements DeltaSink {
  private record Held(Delta delta, CompletableFuture<DeltaOutcome> answer) {}

  private final List<Delta> handedOver = new ArrayList<>();
  private final Map<RecordName, List<Delta>> applied = new HashMap<>();
  private final Map<RecordName, Map<String, Long>> positions = new HashMap<>();
  private final List<Held> held = new ArrayList<>();
  private Predicate<Delta> refusing = delta -> false;
  private boolean holding;
  private boolean failing;

  @Override
  public DeltaWay open(Executor owner) {
    return batch -> {
      for (DeltaAttempt attempt : batch) {
        CompletionStage<?> unused = apply(attempt.delta()).whenCompleteAsync(attempt::end, owner);
      }
    };
  }

  private CompletionStage<DeltaOutcome> apply(Delta delta) {
    CompletableFuture<DeltaOutcome> answer = new CompletableFuture<>();
    Runnable answering;
    synchronized (this) {
      handedOver.add(delta);
      if (holding) {
        held.add(new Held(delta, answer));
        return answer;
      }
      answering = decide(delta, answer);
    }
    answering.run();
    return answer;
  }

  /** Decides now, and says so when the returned is run. */
  private synchronized Runnable decide(Delta delta, CompletableFuture<DeltaOutcome> answer) {
    if (failing) {
      return () ->
          answer.completeExceptionally(new IllegalStateException("the sink fails for the test"));
    }
    DeltaOutcome outcome = decide(delta);
    return () -> answer.complete(outcome);
  }

  private DeltaOutcome decide(Delta delta) {
    if (refusing.test(delta)) {
      return new DeltaOutcome.Refused("refused for the test");
    }
    LogPosition position = delta.position();
    Map<String, Long> seen = positions.computeIfAbsent(delta.name(), name -> new HashMap<>());
    if (position.offset() <= seen.getOrDefault(position.partition(), -1L)) {
      return new DeltaOutcome.AlreadyApplied();
    }
    seen.put(position.partition(), position.offset());
    List<Delta> ofRecord = applied.computeIfAbsent(delta.name(), name -> new ArrayList<>());
    ofRecord.add(delta);
    return new DeltaOutcome.Applied(ofRecord.size());
  }

  /** From now on deltas are neither applied nor answered. */
  synchronized void hold() {
    holding = true;
  }

  /** Applies and answers what was held, in order, and no longer holds. */
  void release() {
    List<Runnable> answers = new ArrayList<>();
    synchronized (this) {
      holding = false;
      // Decided before anything new can be: the first answers already bring more deltas.
      held.forEach(one -> answers.add(decide(one.delta(), one.answer())));
      held.clear();
    }
    answers.forEach(Runnable::run);
  }

  synchronized void setFailing(boolean value) {
    failing = value;
  }

  synchronized void refuse(Predicate<Delta> which) {
    refusing = which;
  }

  synchronized List<Delta> handedOver() {
    return List.copyOf(handedOver);
  }

  /** The deltas of one record in the order in which they took effect. */
  synchronized List<Delta> applied(String record) {
    return List.copyOf(applied.getOrDefault(new RecordName(record), List.of()));
  }

  synchronized int appliedCount() {
    return applied.values().stream().mapToInt(List::size).sum();
  }

  synchronized boolean isApplied(LogPosition position) {
    return applied.values().stream()
        .flatMap(List::stream)
        .anyMatch(delta -> delta.position().equals(position));
  }
}
