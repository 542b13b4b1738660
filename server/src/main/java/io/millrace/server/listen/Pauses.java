package io.millrace.server.listen;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Names that are left as they are for a while, with one timer for all of them. Confined to the
 * loop.
 */
final class Pauses {
  private final EventLoop loop;
  private final Duration length;
  private final LongSupplier clockNs;
  private final Consumer<ListenedName> over;

  /** When each pause ends; the first one to end is first. */
  private final Map<ListenedName, Long> ends = new LinkedHashMap<>();

  private boolean timing;

  /**
   * @param over is told of every name whose pause has ended by itself
   */
  Pauses(EventLoop loop, Duration length, LongSupplier clockNs, Consumer<ListenedName> over) {
    this.loop = loop;
    this.length = length;
    this.clockNs = clockNs;
    this.over = over;
  }

  /** Begins a pause, or begins it anew. */
  void begin(ListenedName name) {
    ends.remove(name);
    ends.put(name, clockNs.getAsLong() + length.toNanos());
    if (!timing) {
      timing = true;
      loop.schedule(length, this::endSome);
    }
  }

  void cancel(ListenedName name) {
    ends.remove(name);
  }

  boolean isEmpty() {
    return ends.isEmpty();
  }

  private void endSome() {
    timing = false;
    long nowNs = clockNs.getAsLong();
    Iterator<Map.Entry<ListenedName, Long>> first = ends.entrySet().iterator();
    while (first.hasNext()) {
      Map.Entry<ListenedName, Long> next = first.next();
      long leftNs = next.getValue() - nowNs;
      if (leftNs > 0) {
        timing = true;
        loop.schedule(Duration.ofNanos(leftNs), this::endSome);
        return;
      }
      ListenedName name = next.getKey();
      first.remove();
      over.accept(name);
      first = ends.entrySet().iterator();
    }
  }
}
