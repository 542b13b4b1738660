package io.millrace.server.presence;

import io.millrace.server.peer.Membership;
import io.millrace.server.peer.Peers;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.List;

/** The presence feature of this node: what each loop holds of it. Thread-safe. */
public final class Presence {
  private final EventLoops loops;
  private final PermissionGate gate;
  private final PresenceCounter counter;
  private final Membership membership;
  private final List<PresenceWatchers> watchers;
  private final List<PresenceShard> shards;

  /** Presence on a node that is alone. */
  public Presence(EventLoops loops, PermissionGate gate, PresenceCounter counter) {
    this(loops, gate, counter, Peers.NONE, Membership.alone(""));
  }

  /** Presence on a node among others; to be built before the first of them is met. */
  public Presence(
      EventLoops loops,
      PermissionGate gate,
      PresenceCounter counter,
      Peers peers,
      Membership membership) {
    this.loops = loops;
    this.gate = gate;
    this.counter = counter;
    this.membership = membership;
    this.watchers = loops.all().stream().map(loop -> new PresenceWatchers()).toList();
    PresencePeers links = new PresencePeers(loops, peers, membership);
    this.shards =
        loops.all().stream()
            .map(
                loop ->
                    new PresenceShard(
                        loop, links.users(), this::hasOtherNodes, loops, watchers, counter))
            .toList();
    links.open();
  }

  /** Whether users may have sockets elsewhere. */
  boolean hasOtherNodes() {
    return membership.nodes().size() > 1;
  }

  EventLoops loops() {
    return loops;
  }

  PermissionGate gate() {
    return gate;
  }

  PresenceCounter counter() {
    return counter;
  }

  /** The users that are at home on the loop; confined to it. */
  PresenceShard shard(EventLoop home) {
    return shards.get(home.index());
  }

  /** Who watches users on the loop; confined to it. */
  PresenceWatchers watchers(EventLoop loop) {
    return watchers.get(loop.index());
  }
}
