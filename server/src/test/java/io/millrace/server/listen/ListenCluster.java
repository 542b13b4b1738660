package io.millrace.server.listen;

import io.millrace.server.peer.ManualPeers;
import io.millrace.server.peer.Membership;
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
 * Nodes in the hand of a test: their links are cut and mended, each has its own idea of who is a
 * member, and they die and are replaced by others.
 */
final class ListenCluster {
  private final ListenTopic topic;
  private final long seed;
  private final ManualPeers peers = new ManualPeers();
  private final Map<View, ListenRig> nodes = new LinkedHashMap<>();
  private int started;

  /** What a node believes who is a member; the test says it. */
  private static final class View implements Membership {
    private final String self;
    private final List<Runnable> listeners = new ArrayList<>();
    private Set<String> nodes;

    View(String self, Set<String> nodes) {
      this.self = self;
      this.nodes = nodes;
    }

    void see(Set<String> now) {
      nodes = Set.copyOf(now);
      listeners.forEach(Runnable::run);
    }

    @Override
    public String self() {
      return self;
    }

    @Override
    public Set<String> nodes() {
      return nodes;
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
      listeners.add(listener);
    }
  }

  ListenCluster(ListenTopic topic, long seed, int count) {
    this.topic = topic;
    this.seed = seed;
    for (int i = 0; i < count; i++) {
      start();
    }
    heal();
    settle();
    pass();
    settle();
  }

  private void start() {
    String id = "node~" + started++;
    ManualEventLoops loops = new ManualEventLoops(2);
    View view = new View(id, Set.of(id));
    ManualPeers.Node links = peers.node(id, loops.all());
    nodes.put(view, new ListenRig(topic, seed % 2 == 0, seed, links, view, loops));
  }

  int count() {
    return nodes.size();
  }

  /** Those that live. */
  List<ListenRig> nodes() {
    return List.copyOf(nodes.values());
  }

  // --- what goes wrong

  void cutOrMend(Random random) {
    if (count() == 1) {
      return;
    }
    String one = pick(random).self;
    String other = pick(random).self;
    if (one.equals(other)) {
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> peers.cut(one, other);
      case 1 -> peers.link(one, other);
      case 2 -> peers.cutOneWay(one, other);
      default -> peers.linkOneWay(one, other);
    }
  }

  /** A node loses sight of another one. */
  void changeAView(Random random) {
    View view = pick(random);
    Set<String> seen = new TreeSet<>(view.nodes);
    seen.remove(pick(random).self);
    seen.add(view.self);
    view.see(seen);
  }

  /** A node learns who is a member. */
  void seeAll(Random random) {
    pick(random).see(ids());
  }

  /**
   * A node dies without a word and another one comes, which is linked with some and seen by some.
   */
  ListenRig replaceOne(Random random) {
    View dead = pick(random);
    ListenRig rig = Objects.requireNonNull(nodes.remove(dead));
    peers.cutAll(dead.self);
    start();
    View fresh = List.copyOf(nodes.keySet()).get(nodes.size() - 1);
    for (View each : nodes.keySet()) {
      if (each != fresh && random.nextBoolean()) {
        peers.link(each.self, fresh.self);
      }
      if (random.nextBoolean()) {
        each.see(ids());
      }
    }
    return rig;
  }

  void cut(int one, int other) {
    peers.cut(view(one).self, view(other).self);
  }

  void cutOneWay(int from, int to) {
    peers.cutOneWay(view(from).self, view(to).self);
  }

  /** A node dies, and all others have seen that. */
  void kill(int node) {
    View dead = view(node);
    nodes.remove(dead);
    peers.cutAll(dead.self);
    nodes.keySet().forEach(each -> each.see(ids()));
  }

  private View view(int node) {
    return List.copyOf(nodes.keySet()).get(node);
  }

  private View pick(Random random) {
    return List.copyOf(nodes.keySet()).get(random.nextInt(nodes.size()));
  }

  private Set<String> ids() {
    Set<String> ids = new TreeSet<>();
    nodes.keySet().forEach(each -> ids.add(each.self));
    return ids;
  }

  // --- what goes on

  /** Everybody is linked with everybody, and sees that. */
  void heal() {
    for (View one : nodes.keySet()) {
      one.see(ids());
      for (View other : nodes.keySet()) {
        if (one != other) {
          peers.link(one.self, other.self);
        }
      }
    }
  }

  /** One task of one loop, or one message on its way. */
  void runOne(Random random) {
    List<Runnable> steps = new ArrayList<>();
    for (ListenRig node : nodes.values()) {
      node.loops.busy().forEach(loop -> steps.add(() -> node.loops.runOne(loop)));
    }
    peers.busy().forEach(way -> steps.add(() -> peers.deliverOne(way)));
    if (!steps.isEmpty()) {
      steps.get(random.nextInt(steps.size())).run();
    }
  }

  void settle() {
    do {
      nodes.values().forEach(ListenRig::settle);
      peers.deliverAll();
    } while (!isQuiet());
  }

  /** As {@link #settle}; how often there was something on its way between two nodes. */
  int settleAndCount() {
    int count = 0;
    do {
      nodes.values().forEach(ListenRig::settle);
      count += peers.busy().size();
      peers.deliverAll();
    } while (!isQuiet());
    return count;
  }

  /** All goes on but for what is on its way to that node. */
  void settleBut(int node) {
    String end = ">" + view(node).self;
    List<String> ways;
    do {
      nodes.values().forEach(ListenRig::settle);
      ways = peers.busy().stream().filter(way -> !way.endsWith(end)).toList();
      ways.forEach(peers::deliverOne);
    } while (!ways.isEmpty());
    nodes.values().forEach(ListenRig::settle);
  }

  boolean isCoordinatedBy(int node, String name) {
    return new Coordinators(ids()).of(name).equals(view(node).self);
  }

  boolean isAnythingOnItsWay() {
    return !peers.busy().isEmpty();
  }

  boolean isQuiet() {
    return !isAnythingOnItsWay()
        && nodes.values().stream().allMatch(node -> node.loops.busy().isEmpty());
  }

  void advance(Duration duration) {
    nodes.values().forEach(node -> node.advance(duration));
  }

  /** Lets the pause after a takeover go by; false if nothing comes of it. */
  boolean pass() {
    advance(Coordinator.TAKEOVER_PAUSE);
    return !isQuiet();
  }
}
