package io.millrace.server.rpc;

import io.millrace.server.rpc.RpcCall.Handed;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the providers of one home loop's names have in their hands, and how long they may keep it.
 * Confined to that loop.
 *
 * <p>Another node keeps the times for each of its providers as this one would, and says when it
 * goes from one to the next: so the providers there are treated as those here, and the times here
 * begin anew. They only run out when the node itself is silent, and are {@link #HOP} longer: so
 * that of two timers which run for the same provider it is always the one next to it that decides.
 */
final class Hands {

  /**
   * How much longer another node may take than a provider of its own: for the way there and back,
   * which takes milliseconds, and for the pauses of two JVMs.
   */
  static final Duration HOP = Duration.ofMillis(500);

  private final Map<Provider, HandedCalls> handed = new HashMap<>();
  private final Patience withSockets;
  private final Patience withNodes;

  private record Patience(Deadlines<RpcCall> toAccept, Deadlines<RpcCall> toAnswer) {}

  Hands(
      EventLoop loop,
      RpcRules rules,
      LongSupplier clock,
      Consumer<RpcCall> notAccepted,
      Consumer<RpcCall> notAnswered) {
    this.withSockets =
        new Patience(
            new Deadlines<>(loop, rules.ackTimeout(), clock, notAccepted),
            new Deadlines<>(loop, rules.responseTimeout(), clock, notAnswered));
    this.withNodes =
        new Patience(
            new Deadlines<>(loop, rules.ackTimeout().plus(HOP), clock, notAccepted),
            new Deadlines<>(loop, rules.responseTimeout().plus(HOP), clock, notAnswered));
  }

  boolean isEmpty() {
    return handed.isEmpty();
  }

  /** Puts the call into the provider's hands; answers the id that it has there. */
  String give(RpcCall call, Provider to) {
    String id = handed.computeIfAbsent(to, unknown -> new HandedCalls()).add(call, to.idFor(call));
    call.handTo(to, id);
    to.taken(call);
    restart(call);
    return id;
  }

  /** The times of the call begin now: another has it in hand. */
  void restart(RpcCall call) {
    Patience patience = patience(call);
    patience.toAccept().restart(call);
    patience.toAnswer().restart(call);
  }

  /** The call needs not be accepted any more. */
  void accepted(RpcCall call) {
    patience(call).toAccept().remove(call);
  }

  @Nullable RpcCall find(Provider provider, Key key) {
    HandedCalls calls = handed.get(provider);
    return calls == null ? null : calls.find(key);
  }

  /** What the provider owed has come. */
  void settle(Provider provider, Key key) {
    HandedCalls calls = handed.get(provider);
    if (calls != null) {
      calls.settle(key);
    }
  }

  /** Takes the call out of the hands that it is in, which have let it go. */
  void takeBack(RpcCall call) {
    takeBack(call, false);
  }

  /** As {@link #takeBack}, but whoever had it does not know yet, and may still answer. */
  void takeAway(RpcCall call) {
    takeBack(call, true);
  }

  /** The calls in the hands of the provider. A copy. */
  Collection<RpcCall> of(Provider provider) {
    HandedCalls calls = handed.get(provider);
    return calls == null ? List.of() : calls.all();
  }

  /** Forgets who is gone; answers the calls that it had in its hands. */
  Collection<RpcCall> forget(Provider provider) {
    Collection<RpcCall> undone = of(provider);
    handed.remove(provider);
    return undone;
  }

  private void takeBack(RpcCall call, boolean late) {
    Patience patience = patience(call);
    patience.toAccept().remove(call);
    patience.toAnswer().remove(call);
    Handed was = call.takeBack();
    Provider from = was.to();
    from.given(call);
    Key key = new Key(call.name(), was.id());
    HandedCalls calls = handed.get(from);
    if (calls != null) {
      release(calls, from, key, late);
    }
    if (late) {
      from.cancel(key);
    }
  }

  /** Ids towards a node are used once only, so that a late answer is known by itself. */
  private void release(HandedCalls calls, Provider from, Key key, boolean late) {
    if (late && from.isLocal()) {
      calls.expire(key);
      return;
    }
    calls.remove(key);
    if (!from.isLocal() && calls.isEmpty()) {
      handed.remove(from);
    }
  }

  private Patience patience(RpcCall call) {
    return call.isRemote() ? withNodes : withSockets;
  }
}
