package io.millrace.server.rpc;

import io.millrace.server.transport.EventLoop;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The names whose providers a node that leaves is just sending to the other nodes, and the calls
 * that wait for one of them to be back. All providers of a name may have been on one node: they are
 * away for a moment, and no call is to fail for that. Confined to its loop.
 */
final class Moving {
  private final Map<String, Set<RpcCall>> waiting = new HashMap<>();
  private final Deadlines<String> names;
  private final Deadlines<RpcCall> calls;

  /**
   * @param rules a provider is expected for as long as a call before may keep it busy, and a call
   *     waits for one as long as it would for an ACCEPT
   * @param inVain is given calls that have waited for too long
   */
  Moving(EventLoop loop, RpcRules rules, LongSupplier clock, Consumer<RpcCall> inVain) {
    this.names =
        new Deadlines<>(
            loop,
            rules.responseTimeout(),
            clock,
            name -> {
              Set<RpcCall> left = waiting.remove(name);
              if (left != null) {
                left.forEach(call -> end(call, inVain));
              }
            });
    this.calls =
        new Deadlines<>(
            loop,
            rules.ackTimeout(),
            clock,
            call -> {
              forget(call);
              inVain.accept(call);
            });
  }

  private void end(RpcCall call, Consumer<RpcCall> inVain) {
    calls.remove(call);
    inVain.accept(call);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** A provider of the name has been, or is about to be, sent elsewhere. */
  void expect(String name) {
    waiting.computeIfAbsent(name, unknown -> new LinkedHashSet<>(2));
    names.restart(name);
  }

  /** Has the call wait, if a provider is expected. */
  boolean await(RpcCall call) {
    Set<RpcCall> others = waiting.get(call.name());
    if (others == null) {
      return false;
    }
    others.add(call);
    calls.restart(call);
    return true;
  }

  /** Nobody waits for the call any more. */
  void forget(RpcCall call) {
    Set<RpcCall> others = waiting.get(call.name());
    if (others != null && others.remove(call)) {
      calls.remove(call);
    }
  }

  /** The name is provided again: those who have waited, in their order. */
  List<RpcCall> take(String name) {
    Set<RpcCall> all = waiting.get(name);
    if (all == null || all.isEmpty()) {
      return List.of();
    }
    List<RpcCall> ready = List.copyOf(all);
    ready.forEach(this::forget);
    return ready;
  }
}
