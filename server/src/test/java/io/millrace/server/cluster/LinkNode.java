package io.millrace.server.cluster;

import io.millrace.server.config.ClusterConfig;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.peer.NodeId;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.websocket.WebSocketTransport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One end of links, on loopback, with loops of its own and one feature. */
final class LinkNode implements AutoCloseable {
  static final LinkLimits LIMITS = LinkLimits.of(1 << 20);

  /** No stall of the machine is taken for the silence of a node. */
  static final String PATIENT = "name: test, heartbeatTimeout: 120s";

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  final EventLoops loops = new WebSocketTransport(vertx, 1024, false).loops();
  final Chatter chatter = new Chatter();
  final Count count = new Count();
  final String id;
  final Links links;
  final PeerChannel<Chatter.Line> channel;

  /** Counts for a test. Thread-safe. */
  static final class Count implements LinkCounter {
    private final AtomicInteger messages = new AtomicInteger();
    private final Map<StreamEnd, Integer> ended = new EnumMap<>(StreamEnd.class);

    int messages() {
      return messages.get();
    }

    synchronized int endsFor(StreamEnd reason) {
      return ended.getOrDefault(reason, 0);
    }

    @Override
    public void sent(PeerTopic topic, int more) {
      messages.addAndGet(more);
    }

    @Override
    public void written(long bytes) {}

    @Override
    public void up(int change) {}

    @Override
    public synchronized void ended(StreamEnd reason) {
      ended.merge(reason, 1, Integer::sum);
    }
  }

  LinkNode(String name) {
    this(name, PATIENT, LIMITS);
  }

  /**
   * @param cluster keys of the cluster's configuration
   */
  LinkNode(String name, String cluster, LinkLimits limits) {
    ClusterConfig config =
        ConfigLoader.parse("cluster: { enabled: true, " + cluster + " }\nstorage: { type: none }")
            .cluster();
    this.id = NodeId.fresh(name);
    this.links = Links.bind(vertx, loops, config, id, limits, count);
    this.channel = links.open(chatter);
  }

  String address() {
    return links.address();
  }

  /** Begins to look at the members, of which this node is one from now on. */
  void join(SharedMembership members) {
    join(members, address());
  }

  /** As {@link #join(SharedMembership)}; the others believe it to be at the address. */
  void join(SharedMembership members, String address) {
    members.join(id, address);
    var unused = links.follow(members.seenBy(id));
  }

  boolean hears(LinkNode other) {
    return other.channel.nodes().contains(id);
  }

  @Override
  public void close() {
    links.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
