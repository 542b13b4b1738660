package io.millrace.server.peer;

import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Nodes with loops and links in the hand of a test, and what they agree on about who is a member.
 * Nodes have different numbers of loops, as they may in life.
 */
public final class ManualCluster {
  private final ManualPeers links = new ManualPeers();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Set<String> linked = new TreeSet<>();
  private int started;
  private int delivered;

  /** A node that is not linked to any other yet. */
  public Node start() {
    started++;
    Node node = new Node("node-" + started, new ManualEventLoops(1 + started % 3));
    nodes.put(node.id, node);
    nodes.values().forEach(Node::tellMembersChanged);
    return node;
  }

  /** The node stands still for ever; others lose their links to it, in either order. */
  public void crash(Node node, boolean linksFirst) {
    if (linksFirst) {
      links.cutAll(node.id);
    }
    nodes.remove(node.id);
    nodes.values().forEach(Node::tellMembersChanged);
    links.cutAll(node.id);
    linked.removeIf(pair -> pair.contains(node.id + "|"));
    // Nobody hears of it any more; but those who asked it something see that no answer will come.
    node.loops.runAll();
  }

  public void link(Node one, Node other) {
    if (linked.add(pair(one, other))) {
      links.link(one.id, other.id);
    }
  }

  public void cut(Node one, Node other) {
    if (linked.remove(pair(one, other))) {
      links.cut(one.id, other.id);
    }
  }

  public boolean isLinked(Node one, Node other) {
    return linked.contains(pair(one, other));
  }

  public void linkAll() {
    List<Node> all = List.copyOf(nodes.values());
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        link(all.get(i), all.get(j));
      }
    }
  }

  private static String pair(Node one, Node other) {
    return one.id.compareTo(other.id) < 0
        ? one.id + "|" + other.id + "|"
        : other.id + "|" + one.id + "|";
  }

  /** Does one thing that waits to be done, if there is any. */
  public void stepOne(Random random) {
    List<Runnable> choices = new ArrayList<>();
    for (Node node : nodes.values()) {
      node.loops.busy().forEach(loop -> choices.add(() -> node.loops.runOne(loop)));
    }
    links.busy().forEach(way -> choices.add(() -> deliverOn(way)));
    if (!choices.isEmpty()) {
      choices.get(random.nextInt(choices.size())).run();
    }
  }

  /** Does all that waits to be done. */
  public void runAll() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (Node node : nodes.values()) {
        busy |= !node.loops.busy().isEmpty();
        node.loops.runAll();
      }
      for (String way : links.busy()) {
        busy = true;
        deliverOn(way);
      }
    }
  }

  /** Does all that waits to be done inside nodes. */
  public void runLoops() {
    nodes.values().forEach(node -> node.loops.runAll());
  }

  public void advance(Duration duration) {
    nodes.values().forEach(node -> node.loops.advance(duration));
  }

  /** Delivers the oldest message of a direction named as {@link #busyLinks} does. */
  public void deliverOn(String way) {
    delivered++;
    links.deliverOne(way);
  }

  /** Delivers all messages of a direction. */
  public void deliverAllOn(String way) {
    while (links.busy().contains(way)) {
      deliverOn(way);
    }
  }

  /** How many messages have been delivered, and questions whether they were taken note of. */
  public int delivered() {
    return delivered;
  }

  /** The directions, as "from>to", on which something waits. */
  public List<String> busyLinks() {
    return links.busy();
  }

  /** A node. */
  public final class Node implements Membership {
    private final String id;
    private final ManualEventLoops loops;
    private final Peers peers;
    private final List<Runnable> listeners = new ArrayList<>();

    Node(String id, ManualEventLoops loops) {
      this.id = id;
      this.loops = loops;
      this.peers = links.node(id, loops.all());
    }

    public ManualEventLoops loops() {
      return loops;
    }

    public Peers peers() {
      return peers;
    }

    void tellMembersChanged() {
      listeners.forEach(Runnable::run);
    }

    @Override
    public String self() {
      return id;
    }

    @Override
    public Set<String> nodes() {
      return Set.copyOf(nodes.keySet());
    }

    @Override
    public Optional<String> linkAddress(String node) {
      return Optional.empty();
    }

    @Override
    public boolean isMinority() {
      return false;
    }

    @Override
    public boolean leftInGoodOrder(String node) {
      return false;
    }

    @Override
    public void onChange(Runnable listener) {
      listeners.add(Objects.requireNonNull(listener));
    }
  }
}
