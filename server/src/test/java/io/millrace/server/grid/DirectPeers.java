package io.millrace.server.grid;

import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.Peers;
import io.millrace.server.transport.EventLoop;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Links within one process, for one feature: a queue with a thread for each direction. */
final class DirectPeers {
  private final Map<String, Node> nodes = new ConcurrentHashMap<>();

  Node node(String name) {
    Node node = new Node(name);
    nodes.put(name, node);
    return node;
  }

  /** Both can say something to each other from now on. */
  void link(String one, String other) {
    require(one).begin(other);
    require(other).begin(one);
  }

  /** What is on its way is lost. */
  void cut(String one, String other) {
    require(one).end(other);
    require(other).end(one);
  }

  void cutAll(String node) {
    nodes.keySet().stream().filter(other -> !other.equals(node)).forEach(other -> cut(node, other));
  }

  private Node require(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    return node;
  }

  final class Node implements Peers {
    private final String name;
    private final Map<String, ExecutorService> streams = new ConcurrentHashMap<>();
    private @Nullable PeerFeature<?> feature;

    Node(String name) {
      this.name = name;
    }

    private void begin(String other) {
      if (streams.putIfAbsent(other, Executors.newSingleThreadExecutor()) == null) {
        PeerFeature<?> own = feature;
        if (own != null) {
          own.joined(other);
        }
      }
    }

    private void end(String other) {
      ExecutorService stream = streams.remove(other);
      PeerFeature<?> theirs = require(other).feature;
      if (stream != null && theirs != null) {
        stream.shutdownNow();
        theirs.left(name);
      }
    }

    @SuppressWarnings("unchecked") // both ends speak of the same feature
    private <M> void take(String from, M message) {
      PeerFeature<M> own = (PeerFeature<M>) feature;
      if (own != null) {
        own.received(from, message);
      }
    }

    @Override
    public <M> PeerChannel<M> open(PeerFeature<M> opened) {
      feature = opened;
      return new PeerChannel<>() {
        @Override
        public boolean send(String to, M message) {
          ExecutorService stream = streams.get(to);
          if (stream == null) {
            return false;
          }
          try {
            stream.execute(() -> require(to).take(name, message));
            return true;
          } catch (RejectedExecutionException cut) {
            return false;
          }
        }

        @Override
        public Set<String> nodes() {
          return new TreeSet<>(streams.keySet());
        }
      };
    }

    @Override
    public void settle(EventLoop own, Runnable done) {
      done.run();
    }
  }
}
