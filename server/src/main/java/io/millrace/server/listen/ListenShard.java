package io.millrace.server.listen;

import io.millrace.server.subscription.Interest;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The subscribed names that are at home on one event loop, and who provides them. Confined to that
 * loop.
 *
 * <p><b>In pieces.</b> One message can bring a hundred thousand names, and each must be held
 * against thousands of patterns. So nothing is matched where it comes up: names are put into a
 * queue, and the loop works on it a millisecond or two at a time. A new pattern costs nothing at
 * once, either: names without a provider are kept in the order in which they were last looked at,
 * so those that have not seen the pattern yet are in front.
 */
final class ListenShard {

  /** Steps of matching at one go, see {@link ListenPattern#cost}. */
  private static final long SLICE = 100_000;

  /** What a name costs besides the matching, messages included. */
  private static final long STEP = 100;

  private final EventLoop loop;
  private final CandidateList candidates;
  private final ListenTimes times;
  private final LongSupplier clockNs;
  private final Map<String, ListenedName> names = new HashMap<>();
  private final Deque<ListenedName> ready = new ArrayDeque<>();

  /** Names whose candidates have all been asked; looked at the longest ago first. */
  private final Set<ListenedName> unprovided = new LinkedHashSet<>();

  private boolean working;
  private boolean rematching;
  private int rematches;

  /**
   * @param responseTimeout how long a listener may take to answer
   * @param rematchInterval how often names without a provider are offered to all again
   * @param matchCooldown how long a name that was refused is left alone by that
   */
  record ListenTimes(Duration responseTimeout, Duration rematchInterval, Duration matchCooldown) {}

  ListenShard(EventLoop loop, CandidateList candidates, ListenTimes times, LongSupplier clockNs) {
    this.loop = loop;
    this.candidates = candidates;
    this.times = times;
    this.clockNs = clockNs;
  }

  // --- names

  void first(Interest interest) {
    ListenedName name = names.get(interest.name());
    if (name == null) {
      name = new ListenedName(this, interest);
      name.rematch = rematches;
      names.put(interest.name(), name);
    } else {
      name.setInterest(interest);
    }
    name.search().subscribed();
    if (candidates.isEmpty()) {
      unprovided.add(name);
    } else {
      workOn(name);
    }
  }

  void last(String gone) {
    ListenedName name = names.get(gone);
    if (name != null) {
      name.search().unsubscribed();
      forgetIfOver(name);
    }
  }

  // --- listeners

  void listen(ListenPattern pattern, PatternListener listener) {
    candidates.add(pattern, listener);
    work();
    if (!rematching) {
      rematching = true;
      scheduleRematch();
    }
  }

  void unlisten(Collection<? extends PatternListener> listeners) {
    for (Candidate gone : candidates.remove(listeners)) {
      gone.engagements().forEach(each -> workOn(names.get(each)));
    }
  }

  void accept(PatternListener listener, String accepted) {
    Candidate candidate = candidates.get(listener);
    ListenedName name = names.get(accepted);
    if (name == null) {
      // It believes that it provides what nobody wants.
      listener.removed(accepted);
    } else if (candidate != null) {
      name.search().accepted(candidate);
      settle(name);
    }
  }

  void reject(PatternListener listener, String rejected) {
    Candidate candidate = candidates.get(listener);
    ListenedName name = names.get(rejected);
    if (candidate != null && name != null) {
      if (name.search().rejected(candidate)) {
        name.refusedAtNs = clockNs.getAsLong();
      }
      settle(name);
    }
  }

  EventLoop.Timer startTimer(ListenedName name) {
    return loop.schedule(
        times.responseTimeout(),
        () -> {
          name.refusedAtNs = clockNs.getAsLong();
          name.search().noAnswer();
          settle(name);
        });
  }

  private void settle(ListenedName name) {
    forgetIfOver(name);
    if (name.search().isSearching()) {
      workOn(name);
    }
  }

  private void forgetIfOver(ListenedName name) {
    if (name.search().isOver()) {
      // By now it may be another one's, if this one was still in the queue.
      names.remove(name.name(), name);
      unprovided.remove(name);
    }
  }

  // --- rematch

  private void scheduleRematch() {
    loop.schedule(times.rematchInterval(), this::rematch);
  }

  private void rematch() {
    if (candidates.isEmpty()) {
      rematching = false;
      return;
    }
    rematches++;
    work();
    scheduleRematch();
  }

  // --- work

  private void workOn(@Nullable ListenedName name) {
    if (name != null && !name.ready) {
      name.ready = true;
      unprovided.remove(name);
      ready.add(name);
      work();
    }
  }

  /** Queued even for one name: a request may bring many more. */
  private void work() {
    if (!working) {
      working = true;
      loop.execute(this::workOneSlice);
    }
  }

  private void workOneSlice() {
    working = false;
    WorkBudget budget = new WorkBudget(SLICE);
    for (ListenedName name = next(); name != null; name = next()) {
      proceed(name, budget);
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
    Iterator<ListenedName> idle = unprovided.iterator();
    if (idle.hasNext()) {
      name = idle.next();
      if (name.rematch != rematches || name.search().isBehind(candidates)) {
        idle.remove();
        return name;
      }
    }
    return null;
  }

  private void proceed(ListenedName name, WorkBudget budget) {
    budget.spend(STEP);
    NameSearch search = name.search();
    if (name.rematch != rematches) {
      name.rematch = rematches;
      if (search.isSearching() && !isCoolingDown(name)) {
        search.startAgain();
      }
    }
    boolean more = search.proceed(candidates, budget);
    forgetIfOver(name);
    if (more) {
      workOn(name);
    } else if (search.isSearching()) {
      unprovided.add(name);
    } else {
      unprovided.remove(name);
    }
  }

  private boolean isCoolingDown(ListenedName name) {
    return name.refusedAtNs != 0
        && clockNs.getAsLong() - name.refusedAtNs < times.matchCooldown().toNanos();
  }
}
