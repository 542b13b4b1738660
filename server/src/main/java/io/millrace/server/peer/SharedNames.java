package io.millrace.server.peer;

import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Which nodes have a name: an event's subscribers, a user's sockets. Each node owns the set of its
 * own names and tells it to the others; what another node has said lasts as long as its stream. So
 * the sets heal by themselves, whatever breaks.
 *
 * <p>Part of a {@link PeerFeature}, which hands on what it is told of other nodes. Thread-safe;
 * what belongs to a name is queued to its home loop.
 */
public final class SharedNames {
  private final EventLoops loops;
  private final Peers peers;
  private final PeerChannel<NameNews> channel;
  private final Duration grace;
  private final Membership membership;
  private final List<HomeNames> homes = new CopyOnWriteArrayList<>();

  private SharedNames(
      EventLoops loops,
      Peers peers,
      PeerChannel<NameNews> channel,
      Duration grace,
      Membership membership) {
    this.loops = loops;
    this.peers = peers;
    this.channel = channel;
    this.grace = grace;
    this.membership = membership;
  }

  /** Names that are void as soon as their node's stream ends. */
  public static SharedNames strict(EventLoops loops, Peers peers, PeerChannel<NameNews> channel) {
    return new SharedNames(loops, peers, channel, Duration.ZERO, Membership.alone(""));
  }

  /**
   * Names that are kept for a while when their node's stream ends, unless the node is no member of
   * the cluster any more: they are void if it has not said them again by then, or says all without
   * them.
   */
  public static SharedNames lenient(
      EventLoops loops,
      Peers peers,
      PeerChannel<NameNews> channel,
      Duration grace,
      Membership membership) {
    SharedNames names = new SharedNames(loops, peers, channel, grace, membership);
    membership.onChange(names::membersChanged);
    return names;
  }

  /**
   * The names at home on the loop. To be called once for each loop, in their order, before the
   * first node is met.
   *
   * @param own the names that this node has, kept by the caller
   */
  public HomeNames home(EventLoop home, Set<String> own, NameObserver observer) {
    HomeNames names =
        new HomeNames(
            home,
            new Announcements(home, loops.count(), peers, channel, own),
            observer,
            grace,
            node -> membership.nodes().contains(node));
    homes.add(names);
    return names;
  }

  /** See {@link PeerFeature#joined}. */
  public void joined(String node) {
    onAll(names -> names.joined(node));
  }

  /** See {@link PeerFeature#left}. */
  public void left(String node) {
    onAll(names -> names.left(node));
  }

  /** See {@link PeerFeature#received}. */
  public void received(String node, NameNews news) {
    switch (news) {
      case NameNews.Has has -> atHomes(has.names(), (home, names) -> home.has(node, names));
      case NameNews.HasNot hasNot ->
          atHomes(hasNot.names(), (home, names) -> home.hasNot(node, names));
      case NameNews.SaidAll all -> onAll(names -> names.saidAll(node, all));
    }
  }

  private void membersChanged() {
    onAll(HomeNames::membersChanged);
  }

  private void onAll(Consumer<HomeNames> step) {
    for (int i = 0; i < homes.size(); i++) {
      HomeNames names = homes.get(i);
      loops.get(i).execute(() -> step.accept(names));
    }
  }

  private void atHomes(List<String> names, BiConsumer<HomeNames, List<String>> step) {
    Map<EventLoop, List<String>> byHome = new HashMap<>();
    for (String name : names) {
      byHome.computeIfAbsent(loops.home(name), unknown -> new ArrayList<>()).add(name);
    }
    byHome.forEach(
        (loop, some) -> {
          HomeNames home = homes.get(loop.index());
          loop.execute(() -> step.accept(home, some));
        });
  }
}
