package io.millrace.server.listen;

import io.millrace.server.transport.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of a loop's names are worked on next. Confined to that loop.
 *
 * <p><b>In pieces.</b> One message can bring a hundred thousand names, and each must be held
 * against thousands of patterns. So nothing is matched where it comes up: names are put into a
 * queue, and the loop works on it a millisecond or two at a time. A new pattern costs nothing at
 * once, either: names without a provider are kept in the order in which they were last looked at,
 * so those that have not seen the pattern yet are in front.
 */
final class NameQueue {

  /** Steps of matching at one go, see {@link ListenPattern#cost}. */
  private static final long SLICE = 100_000;

  /** What a name costs besides the matching, messages included. */
  private static final long STEP = 100;

  private final EventLoop loop;
  private final Candidates candidates;
  private final BiConsumer<ListenedName, WorkBudget> step;
  private final Deque<ListenedName> ready = new ArrayDeque<>();

  /** Names whose candidates have all been asked; looked at the longest ago first. */
  private final Set<ListenedName> resting = new LinkedHashSet<>();

  private boolean working;
  private int rematches;

  NameQueue(EventLoop loop, Candidates candidates, BiConsumer<ListenedName, WorkBudget> step) {
    this.loop = loop;
    this.candidates = candidates;
    this.step = step;
  }

  void add(ListenedName name) {
    if (!name.ready) {
      name.ready = true;
      resting.remove(name);
      ready.add(name);
      work();
    }
  }

  /** Until somebody comes who was not considered yet, or the next rematch. */
  void rest(ListenedName name) {
    resting.add(name);
  }

  /** Wakes it no more; if it waits already, it still gets its turn. */
  void remove(ListenedName name) {
    resting.remove(name);
  }

  /** Queued even for one name: a request may bring many more. */
  void work() {
    if (!working) {
      working = true;
      loop.execute(this::workOneSlice);
    }
  }

  /** All names that rest are looked at again. */
  void rematch() {
    rematches++;
    work();
  }

  int rematches() {
    return rematches;
  }

  private void workOneSlice() {
    working = false;
    WorkBudget budget = new WorkBudget(SLICE);
    for (ListenedName name = next(); name != null; name = next()) {
      budget.spend(STEP);
      step.accept(name, budget);
      if (budget.isSpent()) {
        work();
        return;
      }
    }
  }

  private @Nullable ListenedName next() {
    ListenedName name = ready.poll();
    if (name != null) {
      name.ready = false;
      return name;
    }
    Iterator<ListenedName> idle = resting.iterator();
    if (idle.hasNext()) {
      name = idle.next();
      if (name.rematch != rematches || name.search().isBehind(candidates)) {
        idle.remove();
        return name;
      }
    }
    return null;
  }
}
