package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A grid that carries out requests when told to, and whose changes and answers arrive when told to:
 * all in the order in which they left the owner, as over one link, or changes and answers apart, as
 * over two. With {@link #copyWhenTold}, owners may die with changes that they have published and
 * that nobody has a copy of.
 */
final class FakeGrid {
  static final String NODE = "node-1";

  /** What those trace who write elsewhere. */
  @Nullable TraceContext elsewhereTrace;

  private final RecordWrites writes = new RecordWrites(100_000);
  private final Map<RecordName, RecordCell> cells = new HashMap<>();

  /** The backup's. */
  private final Map<RecordName, RecordCell> copies = new HashMap<>();

  /** What the backup has not heard of: what becomes of the copy, and of who waits for it. */
  private final Deque<Uncopied> uncopied = new ArrayDeque<>();

  private final Set<String> deadOwners = new HashSet<>();
  private boolean copiesWhenTold;
  private int owners = 1;
  private final Deque<Runnable> requests = new ArrayDeque<>();
  private final List<Arrival> underWay = new LinkedList<>();
  private final List<Durability> undurable = new ArrayList<>();
  private final List<RecordChange> history = new ArrayList<>();
  private @Nullable RuntimeException failure;
  private boolean holdDurable;
  private int follows;
  private int reads;
  private long clock = 1_000;

  /** A change or an answer on its way to a node. */
  record Arrival(
      String node, String owner, @Nullable RecordChange change, @Nullable Runnable answer) {}

  private record Uncopied(
      @Nullable RecordName name, @Nullable RecordCell cell, Runnable copied, Runnable lost) {}

  private record Durability(EventLoop loop, CompletableFuture<Void> future) {}

  RecordStore store(EventLoop loop) {
    return store(NODE, loop);
  }

  RecordStore store(String node, EventLoop loop) {
    return new Store(node, loop);
  }

  String owner() {
    return "owner-" + owners;
  }

  /** From now on the backup gets copies, and those who wait for that their answers, when told. */
  void copyWhenTold() {
    copiesWhenTold = true;
  }

  boolean hasUncopied() {
    return !uncopied.isEmpty();
  }

  void copyOne() {
    Uncopied next = uncopied.remove();
    RecordName name = next.name();
    RecordCell cell = next.cell();
    if (name != null && cell != null) {
      copies.put(name, cell);
    }
    next.copied().run();
  }

  /** The owner dies. What it has published is on its way, but nobody can say what it did. */
  String ownerDies() {
    String dead = owner();
    deadOwners.add(dead);
    owners++;
    cells.clear();
    copies.forEach((name, cell) -> cells.put(name, cloned(cell)));
    List<Uncopied> lost = List.copyOf(uncopied);
    uncopied.clear();
    lost.forEach(each -> each.lost().run());
    return dead;
  }

  /** Changes of that owner to that node, from the first on, that never arrive: all but so many. */
  void loseChanges(String owner, String node, int butFirst) {
    int[] left = {butFirst};
    underWay.removeIf(
        each ->
            each.change() != null
                && each.owner().equals(owner)
                && each.node().equals(node)
                && left[0]-- <= 0);
  }

  private static RecordCell cloned(RecordCell cell) {
    var data = cell.data();
    RecordCell clone =
        new RecordCell(
            cell.incarnation(),
            cell.version(),
            data == null ? null : data.deepCopy(),
            cell.sequence(),
            cell.positions(),
            cell.interest());
    clone.restore(cell.ownership(), cell.recentWrites());
    return clone;
  }

  /** As with a real owner, the signature is copied before anything is published. */
  private void claim(RecordName name, RecordCell cell) {
    if (cell.version() == RecordSnapshot.MISSING || owner().equals(cell.ownership().owner())) {
      return;
    }
    // What was done before has been copied before.
    while (hasUncopied()) {
      copyOne();
    }
    String before = cell.ownership().owner();
    boolean lost = before != null && deadOwners.contains(before);
    Ownership claimed =
        lost
            ? cell.ownership().afterLoss(owner(), cell.version(), clock++)
            : cell.ownership().by(owner());
    cell.sign(claimed);
    RecordCell copy = copies.get(name);
    if (copy != null) {
      copy.sign(claimed);
    }
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

  boolean hasArrivals(String node) {
    return underWay.stream().anyMatch(each -> each.node().equals(node));
  }

  Arrival takeOldest(String node) {
    for (Arrival each : underWay) {
      if (each.node().equals(node)) {
        underWay.remove(each);
        return each;
      }
    }
    throw new NoSuchElementException();
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
    return decide(name, command, null, elsewhereTrace);
  }

  private WriteOutcome decide(
      RecordName name,
      RecordCommand command,
      @Nullable Writer writer,
      @Nullable TraceContext trace) {
    RecordCell cell = cell(name);
    if (copiesWhenTold) {
      claim(name, cell);
    }
    List<String> interest = cell.interest();
    boolean isFirstLife = cell.version() == RecordSnapshot.MISSING;
    RecordWrites.Decision decision = writes.decide(name, cell, command, clock++, writer);
    if (isFirstLife) {
      cell.sign(cell.ownership().by(owner()));
    }
    RecordChange change = decision.change();
    if (change != null) {
      publish(interest, trace == null ? change : change.tracedBy(trace));
    }
    return decision.outcome();
  }

  private void publish(List<String> interest, RecordChange change) {
    history.add(change);
    for (String node : interest) {
      underWay.add(new Arrival(node, owner(), change, null));
    }
  }

  private RecordStore.Comparison compare(
      String node, RecordName name, long incarnation, int version) {
    RecordCell cell = cell(name);
    cell.addInterest(node);
    if (cell.exists()
        ? cell.incarnation() == incarnation && cell.version() == version
        : version == RecordSnapshot.MISSING) {
      return RecordStore.Comparison.SAME;
    }
    boolean behind = cell.exists() && cell.isBehind(incarnation, version);
    if (behind) {
      claim(name, cell);
      publish(cell.interest(), cell.movePast(name, incarnation, version));
    }
    return new RecordStore.Comparison(false, cell.snapshot(), behind);
  }

  private final class Store implements RecordStore {
    private final String node;
    private final EventLoop loop;

    Store(String node, EventLoop loop) {
      this.node = node;
      this.loop = loop;
    }

    @Override
    public CompletableFuture<Comparison> compare(RecordName name, long incarnation, int version) {
      return ask(name, () -> FakeGrid.this.compare(node, name, incarnation, version));
    }

    @Override
    public CompletableFuture<RecordSnapshot> follow(RecordName name, boolean create) {
      follows++;
      return ask(
          name,
          () -> {
            if (create && !cell(name).exists()) {
              decide(name, new RecordCommand.Create(), null, null);
            }
            cell(name).addInterest(node);
            return cell(name).snapshot();
          });
    }

    @Override
    public void unfollow(RecordName name) {
      ask(
              name,
              () -> {
                cell(name).removeInterest(node);
                return true;
              })
          .exceptionally(lost -> false);
    }

    @Override
    public CompletableFuture<RecordSnapshot> read(RecordName name) {
      reads++;
      return ask(null, () -> cell(name).snapshot());
    }

    @Override
    public CompletableFuture<Integer> head(RecordName name) {
      reads++;
      return ask(null, () -> cell(name).snapshot().version());
    }

    @Override
    public CompletableFuture<WriteResult> write(
        RecordName name,
        RecordCommand command,
        @Nullable Writer writer,
        boolean durable,
        @Nullable TraceContext trace) {
      return ask(
          name,
          () -> {
            WriteOutcome outcome = decide(name, command, writer, trace);
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
      return ask(null, () -> name).thenAccept(done -> {});
    }

    /**
     * @param changed the record that may be different then, null for a question
     */
    private <T> CompletableFuture<T> ask(@Nullable RecordName changed, Supplier<T> work) {
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
            if (copiesWhenTold && changed != null) {
              uncopied.add(
                  new Uncopied(
                      changed,
                      cloned(cell(changed)),
                      () -> arrive(() -> answer.complete(value)),
                      () -> arrive(() -> answer.completeExceptionally(new GridLost()))));
            } else {
              arrive(() -> answer.complete(value));
            }
          });
      return answer;
    }

    private void arrive(Runnable completion) {
      underWay.add(new Arrival(node, owner(), null, () -> loop.execute(completion)));
    }
  }

  /** Nobody can say what became of a request. */
  private static final class GridLost extends RuntimeException {
    private static final long serialVersionUID = 1;

    GridLost() {
      super("the owner was lost");
    }
  }
}
