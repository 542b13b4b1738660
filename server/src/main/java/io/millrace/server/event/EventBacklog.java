package io.millrace.server.event;

import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Events that wait for a slow reader, beyond what its socket's queue takes. Bounded: then the
 * oldest are dropped, because to most who come late what is newest is worth more (P6). Confined to
 * the session's loop.
 */
final class EventBacklog {

  /** What one reader may make us keep, in bytes; frames are shared, so it is mostly kept once. */
  static final int MAX_BYTES = 1 << 20;

  private final Subscriber subscriber;
  private final EventCounter counter;
  private final Deque<SharedMessage> waiting = new ArrayDeque<>(0);
  private int bytes;

  EventBacklog(Subscriber subscriber, EventCounter counter) {
    this.subscriber = subscriber;
    this.counter = counter;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void add(SharedMessage message) {
    message.retain();
    waiting.add(message);
    bytes += message.size();
    while (bytes > MAX_BYTES) {
      take().release();
      counter.dropped(1);
    }
  }

  /** Sends what the socket can take. */
  void drain() {
    while (!waiting.isEmpty() && subscriber.isWritable()) {
      SharedMessage message = take();
      subscriber.send(message);
      message.release();
    }
  }

  void clear() {
    while (!waiting.isEmpty()) {
      take().release();
    }
  }

  private SharedMessage take() {
    SharedMessage message = waiting.remove();
    bytes -= message.size();
    return message;
  }
}
