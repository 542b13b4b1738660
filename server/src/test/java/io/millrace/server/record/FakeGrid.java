package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A grid that carries out requests when told to, and whose changes and answers arrive when told to:
 * all in the order in which they left the owner, as over one link, or changes and answers apart, as
 * over two.
 */
final class FakeGrid {
  static final String NODE = "node-1";

  private final RecordWrites writes = new RecordWrites(100_000);
  private final Map<RecordName, RecordCell> cells = new HashMap<>();
  private final Deque<Runnable> requests = new ArrayDeque<>();
  private final List<Arrival> underWay = new LinkedList<>();
  private final List<Durability> undurable = new ArrayList<>();
  private final List<RecordChange> history = new ArrayList<>();
  private @Nullable RuntimeException failure;
  private boolean holdDurable;
  private int follows;
  private int reads;
  private long clock = 1_000;

  /** A change or an answer on its way to this node. */
  record Arrival(@Nullable RecordChange change, @Nullable Runnable answer) {}

  private record Durability(EventLoop loop, CompletableFuture<Void> future) {}

  RecordStore store(EventLoop loop) {
    return new Store(loop);
  }

  RecordCell cell(RecordName name) {
    return cells.computeIfAbsent(name, unknown -> new RecordCell());
  }

  RecordSnapshot state(RecordName name) {
    return cell(name).snapshot();
  }

  boolean isFollowed(RecordName name) {
    return cell(name).interest().contains(NODE);
  }

  /** Every change that was made, published or not, in order. */
  List<RecordChange> history() {
    return history;
  }

  int follows() {
    return follows;
  }

  int reads() {
    return reads;
  }

  /** From now on requests fail, null for no more. */
  void failWith(@Nullable RuntimeException cause) {
    failure = cause;
  }

  /** From now on writes are stored when {@link #stored} says so. */
  void holdDurable() {
    holdDurable = true;
  }

  void stored(@Nullable Throwable problem) {
    List<Durability> all = List.copyOf(undurable);
    undurable.clear();
    all.forEach(
        each ->
            each.loop()
                .execute(
                    () -> {
                      if (problem == null) {
                        each.future().complete(null);
                      } else {
                        each.future().completeExceptionally(problem);
                      }
                    }));
  }

  // --- what a test makes happen

  int requests() {
    return requests.size();
  }

  boolean hasRequests() {
    return !requests.isEmpty();
  }

  boolean hasChanges() {
    return underWay.stream().anyMatch(each -> each.change() != null);
  }

  boolean hasAnswers() {
    return underWay.stream().anyMatch(each -> each.answer() != null);
  }

  void carryOutOne() {
    requests.remove().run();
  }

  void carryOutAll() {
    while (hasRequests()) {
      carryOutOne();
    }
  }

  /** What left the owner first, be it change or answer, as over one link. */
  Arrival takeOldest() {
    return underWay.remove(0);
  }

  RecordChange takeChange() {
    for (Arrival each : underWay) {
      RecordChange change = each.change();
      if (change != null) {
        underWay.remove(each);
        return change;
      }
    }
    throw new NoSuchElementException();
  }

  void answerOne() {
    for (Arrival each : underWay) {
      Runnable answer = each.answer();
      if (answer != null) {
        underWay.remove(each);
        answer.run();
        return;
      }
    }
    throw new NoSuchElementException();
  }

  /** A write by somebody elsewhere. */
  WriteOutcome write(RecordName name, RecordCommand command) {
    return decide(name, command, null);
  }

  private WriteOutcome decide(RecordName name, RecordCommand command, @Nullable Writer writer) {
    RecordCell cell = cell(name);
    List<String> interest = cell.interest();
    RecordWrites.Decision decision = writes.decide(name, cell, command, clock++, writer);
    RecordChange change = decision.change();
    if (change != null) {
      history.add(change);
      if (interest.contains(NODE)) {
        underWay.add(new Arrival(change, null));
      }
    }
    return decision.outcome();
  }

  private final class Store implements RecordStore {
    private final EventLoop loop;

    Store(EventLoop loop) {
      this.loop = loop;
    }

    @Override
    public CompletableFuture<RecordSnapshot> follow(RecordName name, boolean create) {
      follows++;
      return ask(
          () -> {
            if (create && !cell(name).exists()) {
              decide(name, new RecordCommand.Create(), null);
            }
            cell(name).addInterest(NODE);
            return cell(name).snapshot();
          });
    }

    @Override
    public void unfollow(RecordName name) {
      ask(() -> {
            cell(name).removeInterest(NODE);
            return true;
          })
          .exceptionally(lost -> false);
    }

    @Override
    public CompletableFuture<RecordSnapshot> read(RecordName name) {
      reads++;
      return ask(() -> cell(name).snapshot());
    }

    @Override
    public CompletableFuture<Integer> head(RecordName name) {
      reads++;
      return ask(() -> cell(name).snapshot().version());
    }

    @Override
    public CompletableFuture<WriteResult> write(
        RecordName name, RecordCommand command, @Nullable Writer writer, boolean durable) {
      return ask(
          () -> {
            WriteOutcome outcome = decide(name, command, writer);
            CompletableFuture<Void> stored = new CompletableFuture<>();
            if (durable && holdDurable && outcome instanceof WriteOutcome.Applied) {
              undurable.add(new Durability(loop, stored));
            } else {
              stored.complete(null);
            }
            return new WriteResult(outcome, stored);
          });
    }

    @Override
    public CompletableFuture<Void> refresh(RecordName name) {
      return ask(() -> name).thenAccept(done -> {});
    }

    private <T> CompletableFuture<T> ask(Supplier<T> work) {
      if (!loop.inLoop()) {
        throw new IllegalStateException("asked from outside the loop");
      }
      CompletableFuture<T> answer = new CompletableFuture<>();
      requests.add(
          () -> {
            RuntimeException cause = failure;
            if (cause != null) {
              arrive(() -> answer.completeExceptionally(cause));
              return;
            }
            T value = work.get();
            arrive(() -> answer.complete(value));
          });
      return answer;
    }

    private void arrive(Runnable completion) {
      underWay.add(new Arrival(null, () -> loop.execute(completion)));
    }
  }
}
