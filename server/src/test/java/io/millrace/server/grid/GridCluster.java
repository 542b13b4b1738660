package io.millrace.server.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.partition.PartitionReplica;
import com.hazelcast.internal.partition.impl.InternalPartitionServiceImpl;
import com.hazelcast.internal.server.ServerConnection;
import com.hazelcast.internal.server.tcp.TcpServerConnection;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.RecordSession;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.Records;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoops;
import io.millrace.testkit.FreePorts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Real members of a grid in this process, each with the record feature of a node and one client.
 * They reach each other through proxies, so that what they say can be lost.
 */
final class GridCluster implements AutoCloseable {
  private final DirectPeers peers = new DirectPeers();
  private final StallingProxy.Walls walls = new StallingProxy.Walls();
  private final List<Node> nodes = new ArrayList<>();

  /** As {@link #GridCluster(int, int, Duration)}; soon notices that a member is silent. */
  GridCluster(int size, int minSize) throws Exception {
    this(size, minSize, Duration.ofSeconds(3));
  }

  /**
   * Starts one member after the other.
   *
   * @param silence after which a member is given up by the others
   */
  GridCluster(int size, int minSize, Duration silence) throws Exception {
    List<Integer> ports = new ArrayList<>();
    List<StallingProxy> proxies = new ArrayList<>();
    List<String> members = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int port = FreePorts.next();
      StallingProxy proxy = new StallingProxy(port, walls);
      ports.add(port);
      proxies.add(proxy);
      members.add("\"127.0.0.1:" + proxy.port() + "\"");
    }
    for (int i = 0; i < size; i++) {
      Node node =
          new Node(
              "n" + i,
              ports.get(i),
              proxies.get(i),
              String.join(", ", members),
              minSize,
              "cluster-" + ports.get(0),
              silence);
      for (Node other : nodes) {
        peers.link(node.id, other.id);
      }
      nodes.add(node);
    }
  }

  Node node(int index) {
    return nodes.get(index);
  }

  List<Node> running() {
    return nodes.stream().filter(node -> !node.dead).toList();
  }

  /** A name whose owner is that node. */
  RecordName nameOwnedBy(Node node, String prefix) {
    for (int i = 0; i < 10_000; i++) {
      String name = prefix + i;
      Member owner = node.hazelcast().getPartitionService().getPartition(name).getOwner();
      if (owner != null && owner.localMember()) {
        return new RecordName(name);
      }
    }
    throw new IllegalStateException("the node owns nothing");
  }

  /** A name whose owner is the one node, and whose copy is on the other. */
  RecordName nameCopiedFrom(Node node, Node to, String prefix) {
    HazelcastInstanceProxy member = (HazelcastInstanceProxy) node.hazelcast();
    InternalPartitionServiceImpl partitions = member.getOriginal().node.partitionService;
    PartitionReplica copy = PartitionReplica.from(to.hazelcast().getCluster().getLocalMember());
    for (int i = 0; i < 10_000; i++) {
      String name = prefix + i;
      var partition = partitions.getPartition(partitions.getPartitionId(name), false);
      if (partition.isLocal() && copy.equals(partition.getReplica(1))) {
        return new RecordName(name);
      }
    }
    throw new IllegalStateException("no record of the node is copied there");
  }

  boolean isSafe() {
    return running().stream().allMatch(n -> n.hazelcast().getPartitionService().isClusterSafe());
  }

  /** What the node says to the others about the grid does not arrive; its links do. */
  void wallIn(Node node) {
    List<Integer> ports = new ArrayList<>();
    HazelcastInstanceProxy member = (HazelcastInstanceProxy) node.hazelcast();
    for (ServerConnection each : member.getOriginal().node.getServer().getConnections()) {
      if (each instanceof TcpServerConnection connection) {
        ports.add(connection.getChannel().socket().getLocalPort());
      }
    }
    // Of connections that others have made to it, that is its own port, which nobody connects from.
    walls.build(node.proxy.port(), ports);
  }

  void tearDownWalls() {
    nodes.forEach(node -> node.proxy.cutWalled());
    walls.tearDown();
  }

  void cutLinks(Node node) {
    peers.cutAll(node.id);
  }

  void cutLink(Node one, Node other) {
    peers.cut(one.id, other.id);
  }

  void mendLink(Node one, Node other) {
    peers.link(one.id, other.id);
  }

  void kill(Node node) {
    node.dead = true;
    node.hazelcast().getLifecycleService().terminate();
    peers.cutAll(node.id);
    node.proxy.cutAll();
  }

  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      if (!node.dead) {
        node.hazelcast().getLifecycleService().terminate();
      }
      node.grid.close();
      node.proxy.close();
      node.loop.close();
    }
  }

  final class Node {
    final String name;
    final StallingProxy proxy;
    final String id;
    final RealLoop loop = new RealLoop();
    final Grid grid;
    final Records records;
    final RecordStore store;
    final AtomicInteger repaired = new AtomicInteger();
    private final FakeSubscriber subscriber;
    private final RecordSession session;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, CompletableFuture<Boolean>> open = new ConcurrentHashMap<>();

    /** On the loop: all that the client was sent, and what it makes of it. */
    final List<ServerMessage> heard = new ArrayList<>();

    volatile boolean dead;

    Node(
        String name,
        int port,
        StallingProxy proxy,
        String members,
        int minSize,
        String cluster,
        Duration silence) {
      this.name = name;
      this.proxy = proxy;
      this.id = io.millrace.server.peer.NodeId.fresh(name);
      List<Records> follower = new ArrayList<>();
      this.grid =
          Grid.start(
              ConfigLoader.parse(
                  """
                  server: { name: %s }
                  storage: { type: none }
                  cluster:
                    enabled: true
                    name: %s
                    host: 127.0.0.1
                    port: %d
                    publicAddress: "127.0.0.1:%d"
                    members: [%s]
                    minSize: %d
                    heartbeatTimeout: %ds
                  """
                      .formatted(
                          name,
                          cluster,
                          port,
                          proxy.port(),
                          members,
                          minSize,
                          silence.toSeconds())),
              new GridNode(id, Optional.empty(), peers.node(id)),
              null,
              List.of(),
              new RecordFollower() {
                @Override
                public void changed(String owner, RecordChange change) {
                  follower.get(0).changed(owner, change);
                }

                @Override
                public void reconcile(Set<String> lost) {
                  if (!follower.isEmpty()) {
                    follower.get(0).reconcile(lost);
                  }
                }
              },
              new Unobserved(),
              Tracing.OFF);
      this.store = grid.store(loop);
      this.records =
          new Records(
              id,
              new EventLoops(List.of(loop)),
              new CountedMessages(),
              (delivered, conflated) -> {},
              (compared, different) -> repaired.addAndGet(different),
              List.of(),
              unused -> store,
              InterestObserver.NONE,
              Tracing.OFF);
      follower.add(records);
      this.subscriber = new FakeSubscriber(1, loop);
      this.session = new RecordSession(subscriber, records, (n, answer) -> answer.accept(true));
    }

    HazelcastInstance hazelcast() {
      return Objects.requireNonNull(Hazelcast.getHazelcastInstanceByName(id));
    }

    private void says(RecordRequest request) {
      loop.execute(
          () -> {
            session.handle(request);
            listen();
          });
    }

    private void listen() {
      for (ServerMessage message : subscriber.take()) {
        heard.add(message);
        switch (message) {
          case RecordPush.WriteAcknowledgement ack -> end(ack.correlationId(), true);
          case RecordPush.Failure failure -> end(failure.ack().correlationId(), false);
          default -> {}
        }
      }
    }

    private void end(@Nullable String id, boolean done) {
      CompletableFuture<Boolean> write = id == null ? null : open.remove(id);
      if (write != null) {
        write.complete(done);
      }
    }

    void subscribe(RecordName name) {
      says(new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(name), "1"));
    }

    /** True when it was acknowledged, false when it failed. */
    CompletableFuture<Boolean> patch(RecordName name, int version, String path, String json) {
      String correlation = "c" + ids.incrementAndGet();
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      open.put(correlation, done);
      says(
          new RecordRequest.Patch(
              RecordAction.PATCH,
              name,
              version,
              path,
              new JsonText(json),
              new WriteAckRequest(true, correlation)));
      listenUntil(done);
      return done;
    }

    private void listenUntil(CompletableFuture<?> done) {
      loop.schedule(
          Duration.ofMillis(5),
          () -> {
            listen();
            if (!done.isDone()) {
              listenUntil(done);
            }
          });
    }

    /** What the client holds of the record, by what it has heard. */
    ClientState state(RecordName name) throws Exception {
      CompletableFuture<ClientState> state = new CompletableFuture<>();
      loop.execute(
          () -> {
            listen();
            state.complete(ClientState.of(name, heard));
          });
      return state.get(60, TimeUnit.SECONDS);
    }

    RecordSnapshot read(RecordName name) throws Exception {
      return get(() -> store.read(name));
    }

    /** Without waiting for what comes of it. */
    void begin(RecordName name, RecordCommand command) {
      loop.execute(
          () -> {
            var unused = store.write(name, command, null, true);
          });
    }

    WriteOutcome write(RecordName name, RecordCommand command) throws Exception {
      return get(() -> store.write(name, command, null, true)).outcome();
    }

    private <T> T get(Supplier<CompletableFuture<T>> call) throws Exception {
      return loop.ask(call).get(90, TimeUnit.SECONDS);
    }
  }

  /** Version and data that a client holds; its own writes come back as what others are sent. */
  record ClientState(int version, String data) {
    static ClientState of(RecordName name, List<ServerMessage> heard) {
      int version = -1;
      com.fasterxml.jackson.databind.node.ContainerNode<?> tree =
          com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
      for (ServerMessage message : heard) {
        if (message instanceof RecordPush.Deleted deleted && deleted.name().equals(name)) {
          version = -1;
        } else if (message instanceof RecordPush.ReadResponse read && read.name().equals(name)) {
          version = read.version();
          tree = tree(read.data());
        } else if (message instanceof RecordPush.Update update && update.name().equals(name)) {
          version = update.version();
          tree = tree(update.data());
        } else if (message instanceof RecordPush.Patch patch && patch.name().equals(name)) {
          version = patch.version();
          JsonText data = patch.data();
          var unused =
              io.millrace.protocol.value.JsonPatch.apply(
                  tree,
                  io.millrace.protocol.value.JsonPath.parse(patch.path()).orElseThrow(),
                  data == null ? null : Json.parse(data).orElseThrow());
        }
      }
      return new ClientState(version, Json.text(tree).text());
    }

    private static com.fasterxml.jackson.databind.node.ContainerNode<?> tree(JsonText text) {
      return (com.fasterxml.jackson.databind.node.ContainerNode<?>) Json.parse(text).orElseThrow();
    }
  }
}
