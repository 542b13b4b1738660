package io.millrace.server.rpc;

import io.millrace.server.peer.Peers;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The RPC feature of this node: what each loop holds of it. Thread-safe. */
public final class Rpcs {
  private final EventLoops loops;
  private final Peers peers;
  private final RpcRules rules;
  private final List<RpcShard> shards;
  private final RpcPeers nodes;

  public Rpcs(EventLoops loops, Peers peers, RpcRules rules, RpcCounter counter) {
    this(loops, peers, rules, counter, System::nanoTime);
  }

  /**
   * @param clock the time in nanoseconds, by which the loops' timers go, too
   */
  Rpcs(EventLoops loops, Peers peers, RpcRules rules, RpcCounter counter, LongSupplier clock) {
    this.loops = loops;
    this.peers = peers;
    this.rules = rules;
    this.shards =
        loops.all().stream()
            .map(loop -> new RpcShard(loop, rules, counter, clock, this::sendToAll))
            .toList();
    this.nodes = new RpcPeers(loops, peers, this::shard);
  }

  /** How many calls of this node's sockets wait for their answer, about. */
  public int open() {
    return shards.stream().mapToInt(RpcShard::open).sum();
  }

  /**
   * Has other nodes hand on no more calls to this one, for good: for a node that is about to stop.
   * Callers on this node still reach the providers here, and what is in their hands stays there.
   * From any thread.
   *
   * @param done run on one of the loops when the other nodes know, as far as they can be reached
   */
  public void withdraw(Runnable done) {
    AtomicInteger left = new AtomicInteger(loops.count());
    for (EventLoop loop : loops.all()) {
      loop.execute(
          () -> {
            shard(loop).withdraw();
            peers.settle(
                loop,
                () -> {
                  if (left.decrementAndGet() == 0) {
                    done.run();
                  }
                });
          });
    }
  }

  RpcRules rules() {
    return rules;
  }

  EventLoops loops() {
    return loops;
  }

  Peers peers() {
    return peers;
  }

  EventLoop home(String name) {
    return loops.home(name);
  }

  /** What is known on the loop; confined to it. */
  RpcShard shard(EventLoop loop) {
    return shards.get(loop.index());
  }

  private void sendToAll(RpcMessage message) {
    nodes.sendToAll(message);
  }
}
