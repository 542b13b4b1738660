package io.millrace.server.listen;

import io.millrace.server.peer.PeerChannel;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one home loop says to nodes, in order: to this one at once, to others in batches at the end
 * of what the loop is doing. Confined to that loop.
 */
final class Outbox {
  /** Long enough to share the cost of a message, short enough for others to be sent between. */
  private static final int MAX_BATCH = 200;

  private final String self;
  private final EventLoop loop;
  private final PeerChannel<List<ListenMessage>> channel;
  private final Consumer<ListenMessage> here;
  private final Map<String, List<ListenMessage>> waiting = new LinkedHashMap<>();
  private boolean flushing;

  /**
   * @param here takes what is said to this node
   */
  Outbox(
      String self,
      EventLoop loop,
      PeerChannel<List<ListenMessage>> channel,
      Consumer<ListenMessage> here) {
    this.self = self;
    this.loop = loop;
    this.channel = channel;
    this.here = here;
  }

  void tell(String node, ListenMessage message) {
    if (node.equals(self)) {
      here.accept(message);
      return;
    }
    List<ListenMessage> batch = waiting.computeIfAbsent(node, unknown -> new ArrayList<>());
    batch.add(message);
    if (batch.size() >= MAX_BATCH) {
      waiting.remove(node);
      channel.send(node, batch);
    } else if (!flushing) {
      flushing = true;
      loop.execute(this::flush);
    }
  }

  void tellOthers(ListenMessage message) {
    channel.nodes().forEach(node -> tell(node, message));
  }

  /** To who cannot be reached nothing is said: all is said again when that changes. */
  void flush() {
    flushing = false;
    waiting.forEach(channel::send);
    waiting.clear();
  }
}
