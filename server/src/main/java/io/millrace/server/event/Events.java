package io.millrace.server.event;

import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import java.util.List;

/** The event feature of this node: what each loop holds of it. Thread-safe. */
public final class Events {
  private final EventLoops loops;
  private final EventCounter counter;
  private final List<EventReceivers> receivers;
  private final List<EventShard> shards;

  public Events(
      EventLoops loops, MessageEncoder encoder, EventCounter counter, InterestObserver interest) {
    this.loops = loops;
    this.counter = counter;
    this.receivers = loops.all().stream().map(loop -> new EventReceivers(counter)).toList();
    this.shards =
        loops.all().stream()
            .map(loop -> new EventShard(loops, receivers, encoder, interest))
            .toList();
  }

  EventLoops loops() {
    return loops;
  }

  EventLoop home(String name) {
    return loops.home(name);
  }

  /** What the name's home loop knows of it; confined to that loop. */
  EventShard shard(String name) {
    return shards.get(home(name).index());
  }

  /** Who receives events on the loop; confined to it. */
  EventReceivers receivers(EventLoop loop) {
    return receivers.get(loop.index());
  }

  EventCounter counter() {
    return counter;
  }
}
