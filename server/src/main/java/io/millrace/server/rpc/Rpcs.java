package io.millrace.server.rpc;

import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.List;
import java.util.function.LongSupplier;

/** The RPC feature of this node: what each loop holds of it. Thread-safe. */
public final class Rpcs {
  private final EventLoops loops;
  private final RpcRules rules;
  private final List<RpcShard> shards;

  public Rpcs(EventLoops loops, RpcRules rules, RpcCounter counter) {
    this(loops, rules, counter, System::nanoTime);
  }

  /**
   * @param clock the time in nanoseconds, by which the loops' timers go, too
   */
  Rpcs(EventLoops loops, RpcRules rules, RpcCounter counter, LongSupplier clock) {
    this.loops = loops;
    this.rules = rules;
    this.shards =
        loops.all().stream().map(loop -> new RpcShard(loop, rules, counter, clock)).toList();
  }

  /** How many calls wait for their answer, about. */
  public int open() {
    return shards.stream().mapToInt(RpcShard::open).sum();
  }

  RpcRules rules() {
    return rules;
  }

  EventLoops loops() {
    return loops;
  }

  EventLoop home(String name) {
    return loops.home(name);
  }

  /** What is known on the loop; confined to it. */
  RpcShard shard(EventLoop loop) {
    return shards.get(loop.index());
  }
}
