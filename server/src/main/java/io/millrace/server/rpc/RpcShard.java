package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.server.rpc.RpcCall.Handed;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.transport.EventLoop;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The names that are at home on one event loop: who provides them, and the calls that are open.
 * Confined to that loop.
 *
 * <p>A call is in the hands of one provider at a time, and of each at most once. It goes on to the
 * next when the provider rejects it, does not accept it in time, or is gone before it accepted; so
 * one that is silent may have begun, and a procedure that is not to be run twice has to accept
 * first. What was accepted and is lost ends with RESPONSE_TIMEOUT.
 *
 * <p>Invariants: every call that was made is in the hands of a provider until it ends, and ends
 * once; only that provider's answers count. What nobody waits for any more stays in its provider's
 * hands until it answers or runs out of time, so that it is not told off for its answer.
 */
final class RpcShard {

  private final RpcRules rules;
  private final RpcCounter counter;
  private final LongSupplier clock;
  private final Deadlines<RpcCall> toAccept;
  private final Deadlines<RpcCall> toAnswer;
  private final Providers providers = new Providers();
  private final Map<Requester, Map<Key, RpcCall>> made = new HashMap<>();
  private final Map<Provider, HandedCalls> handed = new HashMap<>();
  private volatile int open;

  RpcShard(EventLoop loop, RpcRules rules, RpcCounter counter, LongSupplier clock) {
    this.rules = rules;
    this.counter = counter;
    this.clock = clock;
    this.toAccept = new Deadlines<>(loop, rules.ackTimeout(), clock, this::notAccepted);
    this.toAnswer = new Deadlines<>(loop, rules.responseTimeout(), clock, this::notAnswered);
  }

  /** How many calls somebody waits for. From any thread. */
  int open() {
    return open;
  }

  /** Whether nothing is kept about anybody. */
  boolean isEmpty() {
    return providers.isEmpty() && made.isEmpty() && handed.isEmpty();
  }

  void provide(String name, Provider provider) {
    providers.add(name, provider);
  }

  /** The provider is handed no more calls of that name; those in its hands stay there. */
  void unprovide(String name, Provider provider) {
    providers.remove(name, provider);
  }

  /**
   * A call was made. An open call of the same requester with the same id is given up: a client
   * knows a call by its id, so of two it could take one answer only.
   */
  void request(RpcCall call) {
    call.start(clock.getAsLong());
    counter.started();
    changeOpen(1);
    RpcCall before =
        made.computeIfAbsent(call.requester, unknown -> new HashMap<>(2)).put(call.key, call);
    if (before != null) {
      abandon(before);
      before.requester.ended(before, null);
    }
    route(call, CallEnd.NO_PROVIDER);
  }

  /** A provider says something about a call that it has, or claims to have, in its hands. */
  void answer(Provider from, RpcRequest.Answer answer) {
    Key key = new Key(answer.name(), answer.correlationId());
    RpcCall call = find(from, key);
    if (call == null) {
      if (answer.action() != RpcAction.ACCEPT) {
        settle(from, key);
      }
      refuse(from, RpcAction.INVALID_RPC_CORRELATION_ID, key, answer.action(), true);
    } else if (answer.action() == RpcAction.ACCEPT) {
      accept(call, from, key);
    } else if (answer.action() == RpcAction.REJECT) {
      reject(call);
    } else {
      RpcPush last = new RpcPush.Answer(answer.action(), call.name(), call.key.id(), answer.data());
      takeBack(call);
      if (!call.isAbandoned()) {
        end(call, CallEnd.ANSWERED, last);
      }
    }
  }

  /** The call did not reach the provider, who reads too slowly. */
  void notTaken(Provider provider, Key key) {
    settle(provider, key);
    RpcCall call = find(provider, key);
    if (call != null) {
      reject(call);
    }
  }

  /** A socket has ended: nobody waits for its calls, and others have to do what it was to do. */
  <P extends Provider & Requester> void gone(P peer, Collection<String> provided) {
    provided.forEach(name -> unprovide(name, peer));
    Map<Key, RpcCall> unheard = made.remove(peer);
    if (unheard != null) {
      unheard.values().forEach(this::abandon);
    }
    HandedCalls undone = handed.remove(peer);
    if (undone != null) {
      undone.all().forEach(this::lost);
    }
  }

  // --- the way of a call

  /** Hands the call to the next provider, or ends it: as told, if there is no other. */
  private void route(RpcCall call, CallEnd otherwise) {
    boolean again = call.wasHanded();
    if (again && clock.getAsLong() - call.startedNs() >= rules.responseTimeout().toNanos()) {
      fail(call, otherwise == CallEnd.ACCEPT_TIMEOUT ? otherwise : CallEnd.RESPONSE_TIMEOUT);
      return;
    }
    Provider next = providers.choose(call);
    if (next == null) {
      fail(call, otherwise);
      return;
    }
    if (again) {
      counter.rerouted();
    }
    String id = handed.computeIfAbsent(next, unknown -> new HandedCalls()).add(call);
    RpcPush.Call message = call.handTo(next, id);
    next.taken();
    toAccept.restart(call);
    toAnswer.restart(call);
    next.ask(message);
  }

  private void accept(RpcCall call, Provider from, Key key) {
    if (call.isAccepted()) {
      refuse(from, RpcAction.MULTIPLE_ACCEPT, key, null, false);
      return;
    }
    call.accept();
    toAccept.remove(call);
    if (!call.isAbandoned()) {
      call.requester.accepted(call);
    }
  }

  private void reject(RpcCall call) {
    takeBack(call);
    if (!call.isAbandoned()) {
      route(call, CallEnd.NO_PROVIDER);
    }
  }

  private void notAccepted(RpcCall call) {
    takeBackLate(call);
    route(call, CallEnd.ACCEPT_TIMEOUT);
  }

  private void notAnswered(RpcCall call) {
    takeBackLate(call);
    if (!call.isAbandoned()) {
      fail(call, CallEnd.RESPONSE_TIMEOUT);
    }
  }

  /** The provider is gone. What it accepted may have had effects, so no other is to repeat it. */
  private void lost(RpcCall call) {
    takeBack(call);
    if (call.isAbandoned()) {
      return;
    }
    if (call.isAccepted()) {
      fail(call, CallEnd.RESPONSE_TIMEOUT);
    } else {
      route(call, CallEnd.NO_PROVIDER);
    }
  }

  private void abandon(RpcCall call) {
    call.abandon();
    toAccept.remove(call);
    count(call, CallEnd.ABANDONED);
  }

  private void fail(RpcCall call, CallEnd how) {
    RpcAction action =
        switch (how) {
          case NO_PROVIDER -> RpcAction.NO_RPC_PROVIDER;
          case ACCEPT_TIMEOUT -> RpcAction.ACCEPT_TIMEOUT;
          case RESPONSE_TIMEOUT -> RpcAction.RESPONSE_TIMEOUT;
          case ANSWERED, ABANDONED -> throw new IllegalArgumentException(how + " is no failure");
        };
    end(call, how, new RpcPush.Failure(action, call.name(), call.key.id(), null, false));
  }

  private void end(RpcCall call, CallEnd how, RpcPush last) {
    Map<Key, RpcCall> all = made.get(call.requester);
    if (all != null) {
      all.remove(call.key);
      if (all.isEmpty()) {
        made.remove(call.requester);
      }
    }
    count(call, how);
    call.requester.ended(call, last);
  }

  private void count(RpcCall call, CallEnd how) {
    changeOpen(-1);
    counter.ended(how, clock.getAsLong() - call.startedNs());
  }

  /** Only this loop writes it. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void changeOpen(int difference) {
    open += difference;
  }

  // --- what providers have in their hands

  private @Nullable RpcCall find(Provider provider, Key key) {
    HandedCalls calls = handed.get(provider);
    return calls == null ? null : calls.find(key);
  }

  private void settle(Provider provider, Key key) {
    HandedCalls calls = handed.get(provider);
    if (calls != null) {
      calls.settle(key);
    }
  }

  private void takeBack(RpcCall call) {
    takeBack(call, false);
  }

  /** The provider does not know yet, and may still answer. */
  private void takeBackLate(RpcCall call) {
    takeBack(call, true);
  }

  private void takeBack(RpcCall call, boolean late) {
    Handed was = call.takeBack();
    toAccept.remove(call);
    toAnswer.remove(call);
    was.to().given();
    HandedCalls calls = handed.get(was.to());
    if (calls == null) {
      return;
    }
    Key key = new Key(call.name(), was.id());
    if (late) {
      calls.expire(key);
    } else {
      calls.remove(key);
    }
  }

  private static void refuse(
      Provider provider, RpcAction action, Key key, @Nullable RpcAction original, boolean isError) {
    provider.refuse(new RpcPush.Failure(action, key.name(), key.id(), original, isError));
  }
}
