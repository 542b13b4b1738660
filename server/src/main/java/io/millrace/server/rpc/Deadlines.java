package io.millrace.server.rpc;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What is due a fixed time after it was added, unless it is taken out before. As the time is the
 * same for all, they stand in the order in which they are due: one timer serves all of them, and
 * most never cost one, because they are taken out before it comes to them. Confined to its loop.
 */
final class Deadlines<T> {
  private final EventLoop loop;
  private final long delayNs;
  private final LongSupplier clock;
  private final Consumer<T> due;
  private final Map<T, Long> atNs = new LinkedHashMap<>();
  private boolean armed;

  Deadlines(EventLoop loop, Duration delay, LongSupplier clock, Consumer<T> due) {
    this.loop = loop;
    this.delayNs = delay.toNanos();
    this.clock = clock;
    this.due = due;
  }

  /** The time begins now; also for what was added before. */
  void restart(T item) {
    atNs.remove(item);
    atNs.put(item, clock.getAsLong() + delayNs);
    if (!armed) {
      arm(delayNs);
    }
  }

  void remove(T item) {
    atNs.remove(item);
  }

  private void arm(long ns) {
    armed = true;
    loop.schedule(Duration.ofNanos(ns), this::look);
  }

  private void look() {
    armed = false;
    long now = clock.getAsLong();
    while (true) {
      // Anew each time: what is due may add and remove others.
      Iterator<Map.Entry<T, Long>> all = atNs.entrySet().iterator();
      if (!all.hasNext()) {
        return;
      }
      Map.Entry<T, Long> first = all.next();
      long left = first.getValue() - now;
      if (left > 0) {
        if (!armed) {
          arm(left);
        }
        return;
      }
      all.remove();
      due.accept(first.getKey());
    }
  }
}
