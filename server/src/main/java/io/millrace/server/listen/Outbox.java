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
  /**
   * In bytes, about: enough to share the cost of a message, and far from what a link takes at once.
   */
  private static final int FULL = 64 * 1024;

  private final String self;
  private final EventLoop loop;
  private final PeerChannel<List<ListenMessage>> channel;
  private final Consumer<ListenMessage> here;
  private final Map<String, Batch> waiting = new LinkedHashMap<>();
  private boolean flushing;

  private static final class Batch {
    final List<ListenMessage> messages = new ArrayList<>();
    int weight;
  }

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
    Batch batch = waiting.computeIfAbsent(node, unknown -> new Batch());
    batch.messages.add(message);
    batch.weight += ListenFormat.weight(message);
    if (batch.weight >= FULL) {
      waiting.remove(node);
      channel.send(node, batch.messages);
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
    waiting.forEach((node, batch) -> channel.send(node, batch.messages));
    waiting.clear();
  }
}
