package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.record.RecordCell;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/**
 * Removed records that the grid still remembers, so that a load which began before the removal
 * cannot bring them back. They are forgotten when no such load can be valid any more. Confined to
 * the storage writer.
 */
final class Graveyard {
  private static final Duration REST = Duration.ofMinutes(2);

  private record Grave(String name, long sequence, long untilNs) {}

  private final IMap<String, RecordCell> map;
  private final Deque<Grave> graves = new ArrayDeque<>();

  private final Predicate<String> mayForget;

  /**
   * @param mayForget whether nobody else still needs to know of the removal; who has to know it
   *     last has a graveyard, too
   */
  Graveyard(IMap<String, RecordCell> map, Predicate<String> mayForget) {
    this.map = map;
    this.mayForget = mayForget;
  }

  void add(String name, long sequence) {
    graves.add(new Grave(name, sequence, System.nanoTime() + REST.toNanos()));
  }

  /** Has the grid forget those that have rested long enough. */
  void bury() {
    long now = System.nanoTime();
    for (Grave first = graves.peek();
        first != null && first.untilNs() - now < 0;
        first = graves.peek()) {
      graves.poll();
      if (!mayForget.test(first.name())) {
        continue;
      }
      map.submitToKey(first.name(), new ForgetProcessor(first.sequence()))
          .exceptionally(lost -> new GridAnswer.Done());
    }
  }
}
