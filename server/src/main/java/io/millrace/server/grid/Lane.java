package io.millrace.server.grid;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The requests about one name that this node's shard has made of its owner and that are not
 * answered. They flow, or they are held up: then what was on its way comes to an end first, one way
 * or the other, and what has to be asked again is asked in the order in which it was first asked.
 * Confined to the shard's loop.
 *
 * @param <R> a request
 */
final class Lane<R extends Lane.Numbered> {
  /** A request with its place in the order. */
  interface Numbered {
    long number();
  }

  private final PriorityQueue<R> waiting =
      new PriorityQueue<>(1, Comparator.comparingLong(Numbered::number));
  private int underWay;
  private int hindrances;

  void sent() {
    underWay++;
  }

  void answered() {
    underWay--;
  }

  boolean isHeldUp() {
    return hindrances > 0;
  }

  void holdUp() {
    hindrances++;
  }

  void letGo() {
    hindrances--;
  }

  void await(R request) {
    waiting.add(request);
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  Iterable<R> waiting() {
    return waiting;
  }

  /** Whether what waits may be sent: nothing hinders it, and nothing is on its way. */
  boolean mayProceed() {
    return hindrances == 0 && underWay == 0;
  }

  boolean isEmpty() {
    return mayProceed() && waiting.isEmpty();
  }

  /** All that waits, in its order. */
  List<R> take() {
    List<R> ordered = new ArrayList<>(waiting.size());
    for (R next = waiting.poll(); next != null; next = waiting.poll()) {
      ordered.add(next);
    }
    return ordered;
  }
}
