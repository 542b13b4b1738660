package io.millrace.server.cluster;

import io.millrace.server.observability.LogThrottle;
import io.millrace.server.peer.Membership;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sockets of this node's links, and who may have one. On the link loop, but for {@link
 * #streams}.
 */
final class LinkTable implements Outgoing.Listener, Incoming.Door {
  private static final Logger LOG = LoggerFactory.getLogger(LinkTable.class);
  private static final long BEAT_NS = LinkRules.BEAT.toNanos();

  private final LinkRules rules;
  private final LinkLoop loop;
  private final OpenFeatures features;
  private final NetClient client;
  private final LinkCounter counter;
  private final Map<String, Outgoing> outgoing = new HashMap<>();

  /** By node; at most one stream from each. */
  private final Map<String, Incoming> incoming = new HashMap<>();

  /** Sockets whose other end is not welcomed yet, in the order in which they came. */
  private final Set<Incoming> strangers = new LinkedHashSet<>();

  private final Set<FrameSocket> sockets = new LinkedHashSet<>();
  private final LogThrottle refusals = new LogThrottle();
  private volatile Map<String, OutStream> streams = Map.of();
  private @Nullable Membership membership;
  private @Nullable CompletableFuture<Void> linked;
  private Set<String> firstMembers = Set.of();
  private long lastBeatNs = System.nanoTime();
  private long beatTimer = -1;
  private boolean closed;

  LinkTable(
      LinkRules rules,
      LinkLoop loop,
      OpenFeatures features,
      NetClient client,
      LinkCounter counter) {
    this.rules = rules;
    this.loop = loop;
    this.features = features;
    this.client = client;
    this.counter = counter;
  }

  /** The streams that can be sent on, by node; replaced as a whole. From any thread. */
  Map<String, OutStream> streams() {
    return streams;
  }

  void begin(Membership members, CompletableFuture<Void> whenLinked) {
    linked = whenLinked;
    firstMembers = Set.copyOf(members.nodes());
    beatTimer = loop.vertx().setPeriodic(LinkRules.BEAT.toMillis(), timer -> beat());
    update(members);
  }

  /** Connects to who is a new member, lets in who has waited to be one, drops who has left. */
  void update(Membership members) {
    if (closed) {
      return;
    }
    membership = members;
    Set<String> nodes = members.nodes();
    for (String node : List.copyOf(outgoing.keySet())) {
      if (!nodes.contains(node)) {
        stop(node);
      }
    }
    for (Incoming stream : List.copyOf(incoming.values())) {
      if (!nodes.contains(stream.node())) {
        stream.socket().end(StreamEnd.MEMBER_LEFT, "");
      }
    }
    for (String node : nodes) {
      if (!node.equals(rules.self()) && !outgoing.containsKey(node)) {
        connect(members, node);
      }
    }
    List.copyOf(strangers).forEach(this::knocked);
    checkLinked();
  }

  private void connect(Membership members, String node) {
    try {
      String address = members.linkAddress(node).orElse("");
      Outgoing out =
          new Outgoing(node, LinkAddress.parse(address), rules, loop, client, counter, this);
      outgoing.put(node, out);
      out.connect();
    } catch (IllegalArgumentException e) {
      LOG.warn("{} cannot be linked to: {}", node, e.getMessage());
    }
  }

  private void stop(String node) {
    Outgoing out = outgoing.remove(node);
    if (out != null) {
      out.stop(StreamEnd.MEMBER_LEFT);
    }
  }

  /** A socket has been accepted. */
  void accept(NetSocket socket) {
    Incoming stranger = new Incoming(socket, rules, loop, features, this);
    strangers.add(stranger);
    sockets.add(stranger.socket());
    stranger.socket().open();
    if (closed || strangers.size() > LinkRules.WAITING_SOCKETS) {
      strangers.iterator().next().socket().end(StreamEnd.FAULT, "too many wait to be let in");
    }
  }

  @Override
  public void knocked(Incoming stranger) {
    Hello hello = stranger.hello();
    if (hello == null) {
      return;
    }
    if (!hello.cluster().equals(rules.cluster()) || !hello.to().equals(rules.self())) {
      stranger
          .socket()
          .end(
              StreamEnd.FAULT,
              "%s of cluster %s looks for %s of it; this is %s of cluster %s"
                  .formatted(
                      hello.from(), hello.cluster(), hello.to(), rules.self(), rules.cluster()));
      return;
    }
    Membership members = membership;
    if (members == null
        || !members.nodes().contains(hello.from())
        || hello.from().equals(rules.self())) {
      return;
    }
    Incoming before = incoming.get(hello.from());
    if (before != null && before.attempt() >= hello.attempt()) {
      stranger.socket().end(StreamEnd.REPLACED, "there is a newer stream of " + hello.from());
      return;
    }
    if (before != null) {
      before.socket().end(StreamEnd.REPLACED, "");
    }
    strangers.remove(stranger);
    incoming.put(hello.from(), stranger);
    stranger.welcome(hello);
    checkLinked();
  }

  @Override
  public void closed(Incoming stream, StreamEnd reason, String detail) {
    sockets.remove(stream.socket());
    if (!stream.isWelcomed()) {
      strangers.remove(stream);
      if (reason != StreamEnd.STOPPED) {
        String said = "a socket from {} to the node links was refused: {} {}";
        if (refusals.mayPass()) {
          LOG.warn(said, stream.from(), reason, detail);
        } else {
          LOG.debug(said, stream.from(), reason, detail);
        }
      }
      return;
    }
    counter.ended(reason);
    if (incoming.remove(stream.node(), stream)) {
      features.left(stream.node());
    }
  }

  @Override
  public void opened(FrameSocket socket) {
    sockets.add(socket);
  }

  @Override
  public void closed(FrameSocket socket) {
    sockets.remove(socket);
  }

  @Override
  public void up(String node, OutStream stream) throws LinkFault {
    // Features may send as soon as they are told, and others meanwhile, all on the new stream.
    Map<String, OutStream> more = new TreeMap<>(streams);
    more.put(node, stream);
    streams = Map.copyOf(more);
    counter.up(1);
    features.joined(node);
    checkLinked();
  }

  @Override
  public void down(String node, StreamEnd reason) {
    Map<String, OutStream> fewer = new LinkedHashMap<>(streams);
    fewer.remove(node);
    streams = Map.copyOf(fewer);
    counter.up(-1);
    counter.ended(reason);
  }

  private void checkLinked() {
    Membership members = membership;
    CompletableFuture<Void> waiting = linked;
    if (members == null || waiting == null) {
      return;
    }
    for (String node : members.nodes()) {
      if (firstMembers.contains(node)
          && !node.equals(rules.self())
          && !(streams.containsKey(node) && incoming.containsKey(node))) {
        return;
      }
    }
    linked = null;
    waiting.complete(null);
  }

  private void beat() {
    long now = System.nanoTime();
    long late = now - lastBeatNs - BEAT_NS;
    lastBeatNs = now;
    for (FrameSocket socket : List.copyOf(sockets)) {
      if (late > BEAT_NS) {
        socket.forgive(late);
      }
      if (socket.silentNs(now) > rules.silence().toNanos()) {
        socket.end(StreamEnd.SILENT, "nothing heard for " + rules.silence().toMillis() + " ms");
      } else {
        socket.beat();
      }
    }
    for (Incoming stranger : List.copyOf(strangers)) {
      if (stranger.ageNs(now) > LinkRules.ADMISSION.toNanos()) {
        Hello hello = stranger.hello();
        stranger
            .socket()
            .end(
                StreamEnd.FAULT,
                hello == null ? "no hello" : hello.from() + " is not a member of the cluster");
      }
    }
  }

  void close() {
    closed = true;
    if (beatTimer >= 0) {
      loop.vertx().cancelTimer(beatTimer);
    }
    outgoing.values().forEach(out -> out.stop(StreamEnd.STOPPED));
    outgoing.clear();
    List.copyOf(sockets).forEach(socket -> socket.end(StreamEnd.STOPPED, ""));
  }
}
