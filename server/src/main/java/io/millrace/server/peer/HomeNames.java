package io.millrace.server.peer;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The names at home on one event loop: announces those that this node has, and knows which other
 * nodes have one. Confined to that loop.
 */
public final class HomeNames {

  /** Names of a node that left which are dropped in one go, so that the loop is not held up. */
  static final int DROPPED_AT_ONCE = 1_000;

  private final EventLoop home;
  private final Announcements announcements;
  private final NameObserver observer;
  private final Duration grace;
  private final Predicate<String> isMember;
  private final Map<String, NodeNames> others = new HashMap<>();

  HomeNames(
      EventLoop home,
      Announcements announcements,
      NameObserver observer,
      Duration grace,
      Predicate<String> isMember) {
    this.home = home;
    this.announcements = announcements;
    this.observer = observer;
    this.grace = grace;
    this.isMember = isMember;
  }

  // --- what this node has

  /** This node has the name now, its set of own names says so already. Sent with {@link #flush}. */
  public void added(String name) {
    announcements.changed(name, true);
  }

  /** Somebody relies on the name's having been {@linkplain #added added} before. */
  public void confirmed(String name) {
    announcements.confirmed(name);
  }

  /** This node has the name no more. Sent with {@link #flush}. */
  public void removed(String name) {
    announcements.changed(name, false);
  }

  /** Sends what has changed; to be called at the end of each step that changes something. */
  public void flush() {
    announcements.flush();
  }

  /**
   * Flushes, and calls back on this loop when all nodes that can be reached have taken note of what
   * this node has: at once if they have already.
   */
  public void settle(Runnable done) {
    announcements.settle(done);
  }

  // --- what others have

  /** Whether another node has the name. */
  public boolean isElsewhere(String name) {
    for (NodeNames of : others.values()) {
      if (of.has(name)) {
        return true;
      }
    }
    return false;
  }

  /** Shows the other nodes that have the name. */
  public void forEachNode(String name, Consumer<String> action) {
    others.forEach(
        (node, of) -> {
          if (of.has(name)) {
            action.accept(node);
          }
        });
  }

  /** All names that other nodes have; those of several nodes more than once. */
  public void forEachName(Consumer<String> action) {
    others.values().forEach(of -> of.forEach(action));
  }

  // --- what happens to other nodes

  void joined(String node) {
    announcements.tellAll(node);
  }

  void has(String node, List<String> names) {
    NodeNames of = others.computeIfAbsent(node, unknown -> new NodeNames());
    for (String name : names) {
      boolean before = isElsewhere(name);
      of.add(name);
      if (!before) {
        observer.appeared(name);
      }
    }
  }

  void hasNot(String node, List<String> names) {
    NodeNames of = others.get(node);
    if (of == null) {
      return;
    }
    for (String name : names) {
      if (of.remove(name) && !isElsewhere(name)) {
        observer.disappeared(name);
      }
    }
  }

  void saidAll(String node, NameNews.SaidAll all) {
    NodeNames of = others.computeIfAbsent(node, unknown -> new NodeNames());
    if (of.saidAll(all.part(), all.parts())) {
      drop(node, of, of.stream() - 1);
    }
  }

  /** What it said is void: at once, or if it is a member still, and does not say so again. */
  void left(String node) {
    NodeNames of = others.get(node);
    if (of == null) {
      return;
    }
    int ended = of.ended();
    if (grace.isZero() || !isMember.test(node)) {
      drop(node, of, ended);
      return;
    }
    drop(node, of, of.overdue());
    home.schedule(
        grace,
        () -> {
          if (of.isSpeaking()) {
            // Back, and still saying what it has: to be judged when that ends.
            of.setOverdue(ended);
          } else {
            drop(node, of, ended);
          }
        });
  }

  /** A node that is no member any more will not come back. */
  void membersChanged() {
    List.copyOf(others.keySet())
        .forEach(
            node -> {
              NodeNames of = others.get(node);
              if (of != null && !of.isHeard() && !isMember.test(node)) {
                drop(node, of, of.stream() - 1);
              }
            });
  }

  private void drop(String node, NodeNames of, int upTo) {
    List<String> names = upTo < 0 ? List.of() : of.saidUpTo(upTo);
    drop(node, of, upTo, new ArrayList<>(names));
  }

  private void drop(String node, NodeNames of, int upTo, List<String> names) {
    int rest = Math.max(0, names.size() - DROPPED_AT_ONCE);
    List<String> some = names.subList(rest, names.size());
    for (String name : some) {
      if (of.dropIfSaidUpTo(upTo, name) && !isElsewhere(name)) {
        observer.disappeared(name);
      }
    }
    some.clear();
    if (!names.isEmpty()) {
      home.execute(() -> drop(node, of, upTo, names));
    } else if (of.isEmpty() && !of.isHeard()) {
      others.remove(node, of);
    }
  }
}
