package io.millrace.server.event;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.Peers;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The event feature of this node: what each loop holds of it. Thread-safe. */
public final class Events {

  /** No connection has this id. */
  private static final long NOBODY = -1;

  private final EventLoops loops;
  private final EventCounter counter;
  private final List<EventReceivers> receivers;
  private final List<EventShard> shards;

  /** Events of a node that is alone. */
  public Events(
      EventLoops loops, MessageEncoder encoder, EventCounter counter, InterestObserver interest) {
    this(loops, encoder, counter, interest, Peers.NONE);
  }

  /** Events of a node among others; to be built before the first of them is met. */
  public Events(
      EventLoops loops,
      MessageEncoder encoder,
      EventCounter counter,
      InterestObserver interest,
      Peers peers) {
    this.loops = loops;
    this.counter = counter;
    this.receivers = loops.all().stream().map(loop -> new EventReceivers(counter)).toList();
    EventPeers links = new EventPeers(loops, peers);
    this.shards =
        loops.all().stream()
            .map(loop -> new EventShard(loop, links, loops, receivers, encoder, interest))
            .toList();
    links.open(this::arrived);
  }

  EventLoops loops() {
    return loops;
  }

  EventLoop home(String name) {
    return loops.home(name);
  }

  /** What the loop knows of the names at home on it; confined to it. */
  EventShard shard(EventLoop home) {
    return shards.get(home.index());
  }

  /** Who receives events on the loop; confined to it. */
  EventReceivers receivers(EventLoop loop) {
    return receivers.get(loop.index());
  }

  EventCounter counter() {
    return counter;
  }

  /** An event that was emitted on another node. On the thread of that node's link. */
  private void arrived(String name, @Nullable JsonText data) {
    EventLoop home = home(name);
    home.execute(() -> shard(home).deliver(name, data, NOBODY));
  }
}
