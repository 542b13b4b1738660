package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.transport.EventLoop;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
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
 * <p>Another node that has providers is a provider, too, asked after those here; it hands the call
 * to its own only, one after the other, and gives it back when none is left. A node whose stream
 * has ended is gone, as a socket is, with what it has in its hands and what it asked for.
 *
 * <p>Invariants: every call that was made is in the hands of a provider until it ends, and ends
 * once; only that provider's answers count. What nobody waits for any more stays in its socket's
 * hands until it answers or runs out of time, so that it is not told off for its answer.
 */
final class RpcShard {

  private final EventLoop loop;
  private final RpcRules rules;
  private final RpcCounter counter;
  private final LongSupplier clock;
  private final Consumer<RpcMessage> toAllNodes;
  private final Hands hands;
  private final Moving moving;
  private final Providers providers = new Providers();
  private final Map<Requester, Map<Key, RpcCall>> made = new HashMap<>();
  private boolean withdrawn;
  private volatile int open;

  RpcShard(
      EventLoop loop,
      RpcRules rules,
      RpcCounter counter,
      LongSupplier clock,
      Consumer<RpcMessage> toAllNodes) {
    this.loop = loop;
    this.rules = rules;
    this.counter = counter;
    this.clock = clock;
    this.toAllNodes = toAllNodes;
    this.hands = new Hands(loop, rules, clock, this::notAccepted, this::notAnswered);
    this.moving = new Moving(loop, rules, clock, call -> fail(call, CallEnd.NO_PROVIDER));
  }

  /** How many calls a socket of this node waits for. From any thread. */
  int open() {
    return open;
  }

  /** Whether nothing is kept about anybody. */
  boolean isEmpty() {
    return providers.isEmpty() && made.isEmpty() && hands.isEmpty() && moving.isEmpty();
  }

  void provide(String name, Provider provider) {
    if (providers.add(name, provider) && !withdrawn) {
      toAllNodes.accept(new RpcMessage.Provided(name));
    }
    moving.take(name).forEach(call -> route(call, CallEnd.NO_PROVIDER));
  }

  /** The provider is handed no more calls of that name; those in its hands stay there. */
  void unprovide(String name, Provider provider) {
    boolean last = providers.remove(name, provider);
    if (last && withdrawn) {
      moving.expect(name);
    } else if (last) {
      toAllNodes.accept(new RpcMessage.Unprovided(name, false));
    }
  }

  /**
   * A call was made. An open call of the same requester with the same id is given up: a client
   * knows a call by its id, so of two it could take one answer only.
   *
   * @param ageNs how long it has been open elsewhere
   */
  void request(RpcCall call, long ageNs) {
    call.start(clock.getAsLong() - ageNs);
    if (call.requester.isLocal()) {
      counter.started();
      changeOpen(1);
    }
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
    RpcCall call = hands.find(from, key);
    if (call == null) {
      if (answer.action() != RpcAction.ACCEPT) {
        hands.settle(from, key);
      }
      refuse(from, RpcAction.INVALID_RPC_CORRELATION_ID, key, answer.action(), true);
    } else if (answer.action() == RpcAction.ACCEPT) {
      accept(call, from, key);
    } else if (answer.action() == RpcAction.REJECT) {
      reject(call);
    } else {
      RpcPush last = new RpcPush.Answer(answer.action(), call.name(), call.key.id(), answer.data());
      hands.takeBack(call);
      if (!call.isAbandoned()) {
        end(call, CallEnd.ANSWERED, last);
      }
    }
  }

  /** The call did not reach the provider, who reads too slowly. */
  void notTaken(Provider provider, Key key) {
    hands.settle(provider, key);
    RpcCall call = hands.find(provider, key);
    if (call != null) {
      reject(call);
    }
  }

  /** A socket has ended: nobody waits for its calls, and others have to do what it was to do. */
  void gone(RpcSocket socket, Collection<String> provided) {
    provided.forEach(name -> unprovide(name, socket));
    release(socket);
  }

  private <P extends Provider & Requester> void release(P peer) {
    Map<Key, RpcCall> unheard = made.remove(peer);
    if (unheard != null) {
      unheard.values().forEach(this::abandon);
    }
    hands.forget(peer).forEach(this::lost);
  }

  // --- other nodes

  /** The node can be sent to, and knows nothing. What it was sent before has not arrived. */
  void met(RpcNode node) {
    hands.of(node).forEach(this::lost);
    node.send(new RpcMessage.Begin(loop.index()));
    if (!withdrawn) {
      providers.localNames().forEach(name -> node.send(new RpcMessage.Provided(name)));
    }
  }

  /** The node's stream has ended. */
  void gone(RpcNode node) {
    providers.removeEverywhere(node);
    release(node);
  }

  /** Other nodes are to hand on no more calls to this one. */
  void withdraw() {
    if (!withdrawn) {
      withdrawn = true;
      providers
          .localNames()
          .forEach(name -> toAllNodes.accept(new RpcMessage.Unprovided(name, true)));
    }
  }

  /** The node is about to leave, and sends its providers of the name to the others. */
  void moved(RpcNode node, String name) {
    moving.expect(name);
    unprovide(name, node);
  }

  /** The node has handed the call to another of its providers. */
  void handedOn(RpcNode from, Key key) {
    RpcCall call = hands.find(from, key);
    if (call != null) {
      call.unaccept();
      // What is too old by this node's clock is handed on no more, as far as it is concerned.
      if (!isTooOld(call)) {
        hands.restart(call);
      }
    }
  }

  /** None of the node's providers has answered the call, or is to. */
  void failed(RpcNode from, Key key, CallEnd how) {
    RpcCall call = hands.find(from, key);
    if (call == null) {
      return;
    }
    hands.takeBack(call);
    if (how == CallEnd.RESPONSE_TIMEOUT) {
      fail(call, how);
    } else {
      route(call, how);
    }
  }

  /** The requester does not wait for the call any more. */
  void cancel(RpcNode requester, Key key) {
    Map<Key, RpcCall> all = made.get(requester);
    RpcCall call = all == null ? null : all.get(key);
    if (call != null) {
      forget(call);
      abandon(call);
    }
  }

  // --- the way of a call

  /** Hands the call to the next provider, or ends it: as told, if there is no other. */
  private void route(RpcCall call, CallEnd otherwise) {
    boolean again = call.wasHanded();
    if (again && isTooOld(call)) {
      fail(call, otherwise == CallEnd.ACCEPT_TIMEOUT ? otherwise : CallEnd.RESPONSE_TIMEOUT);
      return;
    }
    Provider next = providers.choose(call);
    if (next == null) {
      // Others hand their calls on to this node's providers, and have other nodes to ask.
      boolean waits =
          otherwise == CallEnd.NO_PROVIDER && call.requester.isLocal() && moving.await(call);
      if (!waits) {
        fail(call, otherwise);
      }
      return;
    }
    if (again) {
      counter.rerouted();
      call.requester.handedOn(call);
    }
    if (!next.isLocal()) {
      counter.remote();
    }
    String id = hands.give(call, next);
    if (!next.ask(call, id, clock.getAsLong() - call.startedNs())) {
      reject(call);
    }
  }

  private boolean isTooOld(RpcCall call) {
    return clock.getAsLong() - call.startedNs() >= rules.responseTimeout().toNanos();
  }

  private void accept(RpcCall call, Provider from, Key key) {
    if (call.isAccepted()) {
      refuse(from, RpcAction.MULTIPLE_ACCEPT, key, null, false);
      return;
    }
    call.accept();
    hands.accepted(call);
    if (!call.isAbandoned()) {
      call.requester.accepted(call);
    }
  }

  private void reject(RpcCall call) {
    hands.takeBack(call);
    if (!call.isAbandoned()) {
      route(call, CallEnd.NO_PROVIDER);
    }
  }

  private void notAccepted(RpcCall call) {
    hands.takeAway(call);
    route(call, CallEnd.ACCEPT_TIMEOUT);
  }

  private void notAnswered(RpcCall call) {
    hands.takeAway(call);
    if (!call.isAbandoned()) {
      fail(call, CallEnd.RESPONSE_TIMEOUT);
    }
  }

  /** The provider is gone. What it accepted may have had effects, so no other is to repeat it. */
  private void lost(RpcCall call) {
    hands.takeAway(call);
    if (call.isAbandoned()) {
      return;
    }
    if (call.isAccepted()) {
      fail(call, CallEnd.RESPONSE_TIMEOUT);
    } else {
      route(call, CallEnd.NO_PROVIDER);
    }
  }

  /** Another node is told that nobody waits, and does with its socket what is done here. */
  private void abandon(RpcCall call) {
    call.abandon();
    moving.forget(call);
    if (call.isRemote()) {
      hands.takeAway(call);
    } else {
      hands.accepted(call);
    }
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
    forget(call);
    count(call, how);
    call.requester.ended(call, last);
  }

  private void forget(RpcCall call) {
    Map<Key, RpcCall> all = made.get(call.requester);
    if (all != null) {
      all.remove(call.key);
      if (all.isEmpty()) {
        made.remove(call.requester);
      }
    }
  }

  /** Calls are counted where they were made. */
  private void count(RpcCall call, CallEnd how) {
    if (call.requester.isLocal()) {
      changeOpen(-1);
      counter.ended(how, clock.getAsLong() - call.startedNs());
    }
  }

  /** Only this loop writes it. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void changeOpen(int difference) {
    open += difference;
  }

  private static void refuse(
      Provider provider, RpcAction action, Key key, @Nullable RpcAction original, boolean isError) {
    provider.refuse(new RpcPush.Failure(action, key.name(), key.id(), original, isError));
  }
}
