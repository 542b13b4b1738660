package io.millrace.server.grid;

import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.Peers;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Links between nodes of one process: messages are handed over as they are, on one thread for all,
 * in their order. Thread-safe.
 */
final class LocalPeers implements AutoCloseable {
  private final ExecutorService network = Executors.newSingleThreadExecutor();
  private final Map<String, Node> nodes = new HashMap<>();
  private final Set<Set<String>> links = new HashSet<>();

  synchronized Peers node(String id) {
    Node node = new Node(id);
    nodes.put(id, node);
    return node;
  }

  /** Links the node with all others. */
  synchronized void link(String id) {
    for (String other : nodes.keySet()) {
      if (!other.equals(id) && links.add(Set.of(id, other))) {
        later(id, feature -> feature.joined(other));
        later(other, feature -> feature.joined(id));
      }
    }
  }

  /** Cuts all its links; what was sent before may still arrive. */
  synchronized void cut(String id) {
    for (String other : nodes.keySet()) {
      if (!other.equals(id) && links.remove(Set.of(id, other))) {
        later(id, feature -> feature.left(other));
        later(other, feature -> feature.left(id));
      }
    }
  }

  private interface Call {
    void to(PeerFeature<?> feature);
  }

  private void later(String id, Call call) {
    Node node = nodes.get(id);
    if (node != null) {
      network.execute(() -> List.copyOf(node.features).forEach(call::to));
    }
  }

  private synchronized boolean areLinked(String one, String other) {
    return !one.equals(other) && links.contains(Set.of(one, other));
  }

  private synchronized Set<String> linkedWith(String id) {
    Set<String> linked = new HashSet<>();
    for (String other : nodes.keySet()) {
      if (areLinked(id, other)) {
        linked.add(other);
      }
    }
    return linked;
  }

  private final class Node implements Peers {
    private final String id;
    private final List<PeerFeature<?>> features = new ArrayList<>();

    Node(String id) {
      this.id = id;
    }

    @Override
    @SuppressWarnings("unchecked") // both ends of a channel are the same feature
    public <M> PeerChannel<M> open(PeerFeature<M> feature) {
      features.add(feature);
      return new PeerChannel<>() {
        @Override
        public boolean send(String node, M message) {
          if (!areLinked(id, node)) {
            return false;
          }
          later(
              node,
              other -> {
                if (other.topic() == feature.topic()) {
                  ((PeerFeature<M>) other).received(id, message);
                }
              });
          return true;
        }

        @Override
        public Set<String> nodes() {
          return linkedWith(id);
        }
      };
    }

    @Override
    public void settle(EventLoop own, Runnable done) {
      done.run();
    }
  }

  @Override
  public void close() {
    network.shutdownNow();
  }
}
