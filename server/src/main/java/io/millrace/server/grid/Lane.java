package io.millrace.server.grid;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
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

    /** Whether it has its answer. */
    boolean isOver();
  }

  private final PriorityQueue<R> waiting =
      new PriorityQueue<>(1, Comparator.comparingLong(Numbered::number));

  /** All that is not answered, and some that is, in order. */
  private final Deque<R> begun = new ArrayDeque<>(2);

  private int underWay;
  private int hindrances;

  /** A request was made, later than all others. */
  void begun(R request) {
    begun.add(request);
  }

  /** A request has its answer, and is not asked again. */
  void ended() {
    for (R first = begun.peek(); first != null && first.isOver(); first = begun.peek()) {
      begun.remove();
    }
  }

  /** The number of the first request that has not ended. */
  OptionalLong lowestOpen() {
    R first = begun.peek();
    return first == null ? OptionalLong.empty() : OptionalLong.of(first.number());
  }

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
