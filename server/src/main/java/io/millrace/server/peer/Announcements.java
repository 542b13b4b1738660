package io.millrace.server.peer;

import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells other nodes which of the names at home on one loop this node has. Confined to that loop.
 */
final class Announcements {

  /** Messages to a node that joined before it is waited for: it must not be flooded (P6). */
  static final int MESSAGES_AT_ONCE = 20;

  private final EventLoop home;
  private final int loops;
  private final Peers peers;
  private final PeerChannel<NameNews> channel;
  private final Set<String> own;
  private final Map<String, Boolean> pending = new LinkedHashMap<>();

  /** Nodes that are being told all. */
  private final Map<String, Telling> tellings = new HashMap<>();

  /** Counts what was said, so that nobody waits for what all nodes have taken note of. */
  private long said;

  private long settled;
  private @Nullable Settling settling;

  /** A question whether all that was said up to some point has been taken note of. */
  private record Settling(long upTo, List<Runnable> waiting) {}

  Announcements(
      EventLoop home, int loops, Peers peers, PeerChannel<NameNews> channel, Set<String> own) {
    this.home = home;
    this.loops = loops;
    this.peers = peers;
    this.channel = channel;
    this.own = own;
  }

  void changed(String name, boolean has) {
    if (channel.nodes().isEmpty()) {
      return;
    }
    pending.put(name, has);
    if (pending.size() >= NameNews.MAX_NAMES) {
      flush();
    }
  }

  /** The name is had still: who is only just being told all may not have heard of it yet. */
  void confirmed(String name) {
    if (!tellings.isEmpty()) {
      changed(name, true);
    }
  }

  void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<String> has = new ArrayList<>();
    List<String> hasNot = new ArrayList<>();
    pending.forEach((name, now) -> (now ? has : hasNot).add(name));
    pending.clear();
    if (!has.isEmpty()) {
      channel.sendToAll(new NameNews.Has(has));
    }
    if (!hasNot.isEmpty()) {
      channel.sendToAll(new NameNews.HasNot(hasNot));
    }
    said++;
  }

  /** Calls back when the nodes that can be reached have taken note of all that was said. */
  void settle(Runnable done) {
    flush();
    if (settled == said) {
      done.run();
      return;
    }
    if (settling != null && settling.upTo == said) {
      settling.waiting.add(done);
      return;
    }
    Settling asked = new Settling(said, new ArrayList<>(List.of(done)));
    settling = asked;
    peers.settle(
        home,
        () -> {
          settled = Math.max(settled, asked.upTo);
          if (settling != null && settling.upTo == asked.upTo) {
            settling = null;
          }
          asked.waiting.forEach(Runnable::run);
        });
  }

  void tellAll(String node) {
    Telling telling = new Telling(node, List.copyOf(own));
    tellings.put(node, telling);
    telling.goOn();
  }

  /** Says all to one node. */
  private final class Telling {
    private final String node;
    private final List<String> names;
    private int next;

    Telling(String node, List<String> names) {
      this.node = node;
      this.names = names;
    }

    void goOn() {
      if (tellings.get(node) != this) {
        // It has joined anew.
        return;
      }
      said++;
      for (int i = 0; i < MESSAGES_AT_ONCE && next < names.size(); i++) {
        int end = Math.min(names.size(), next + NameNews.MAX_NAMES);
        List<String> some = names.subList(next, end).stream().filter(own::contains).toList();
        next = end;
        if (!channel.send(node, new NameNews.Has(some))) {
          // The link is broken: it will join again.
          tellings.remove(node);
          return;
        }
      }
      if (next < names.size()) {
        peers.settle(home, this::goOn);
        return;
      }
      tellings.remove(node);
      channel.send(node, new NameNews.SaidAll(home.index(), loops));
    }
  }
}
