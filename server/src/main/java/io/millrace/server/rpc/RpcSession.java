package io.millrace.server.rpc;

import io.millrace.protocol.ParserReply;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one session does with remote procedure calls, as caller and as provider (protocol §5).
 * Confined to the session's loop; what belongs to a name is handed to the name's home loop.
 */
public final class RpcSession {

  /** Names that one socket may provide; a service has dozens. */
  static final int MAX_PROVIDED = 10_000;

  /** What a caller is told that has too much open already. */
  static final JsonText TOO_MANY_CALLS = new JsonText("\"TOO_MANY_OPEN_CALLS\"");

  private final Subscriber subscriber;
  private final Rpcs rpcs;
  private final RpcSocket socket;
  private final Set<String> provided = new HashSet<>(0);
  private boolean retired;

  /** The loops that may know this socket. */
  private final BitSet known = new BitSet(0);

  public RpcSession(Subscriber subscriber, Rpcs rpcs) {
    this.subscriber = subscriber;
    this.rpcs = rpcs;
    this.socket = new RpcSocket(subscriber, rpcs);
  }

  /** Carries out one request. */
  public void handle(RpcRequest request) {
    switch (request) {
      case RpcRequest.Bulk bulk when bulk.action() == RpcAction.PROVIDE -> provide(bulk);
      case RpcRequest.Bulk bulk -> unprovide(bulk);
      case RpcRequest.Call call -> call(call);
      case RpcRequest.Answer answer -> answer(answer);
      case RpcRequest.Unexpected unexpected -> subscriber.send(ParserReply.notServed(unexpected));
    }
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    socket.writabilityChanged();
  }

  /**
   * The socket is about to be closed: it is handed no more calls, those in its hands stay there
   * until it answers. Not told to the client, which will provide the same on its next socket.
   */
  public void retire() {
    retired = true;
    List<String> all = List.copyOf(provided);
    provided.clear();
    subscriber.requestStarted();
    rpcs.loops()
        .atHomes(
            all,
            subscriber.loop(),
            (home, name) -> rpcs.shard(home).unprovide(name, socket),
            subscriber::requestEnded);
  }

  /** Whether it provides anything. */
  public boolean isProvider() {
    return !provided.isEmpty();
  }

  /** Whether the socket waits for an answer, or owes one. */
  public boolean hasOpenCalls() {
    return socket.hasOpenCalls();
  }

  /** The connection is gone. */
  public void close() {
    socket.close();
    Map<EventLoop, List<String>> byHome = byHome(provided);
    provided.clear();
    known.stream()
        .mapToObj(rpcs.loops()::get)
        .forEach(
            home -> {
              List<String> names = byHome.getOrDefault(home, List.of());
              home.execute(() -> rpcs.shard(home).gone(socket, names));
            });
  }

  private void provide(RpcRequest.Bulk request) {
    List<String> added = new ArrayList<>(request.names().size());
    for (String name : request.names()) {
      if (retired) {
        break;
      }
      if (provided.contains(name)) {
        subscriber.send(new RpcPush.MultipleProviders(name, RpcAction.PROVIDE));
      } else if (provided.size() >= MAX_PROVIDED) {
        subscriber.send(
            new RpcPush.Failure(
                RpcAction.MESSAGE_DENIED, name, request.correlationId(), RpcAction.PROVIDE, true));
      } else {
        provided.add(name);
        added.add(name);
      }
    }
    carryOut(request, added, (shard, name) -> shard.provide(name, socket));
  }

  private void unprovide(RpcRequest.Bulk request) {
    List<String> removed = request.names().stream().filter(provided::remove).toList();
    carryOut(request, removed, (shard, name) -> shard.unprovide(name, socket));
  }

  private interface ShardStep {
    void apply(RpcShard shard, String name);
  }

  /**
   * The ack says that from here on calls arrive, or no more, from callers on whichever node: so it
   * waits for all home loops and for what these tell the other nodes.
   */
  private void carryOut(RpcRequest.Bulk request, List<String> changed, ShardStep step) {
    changed.forEach(name -> known.set(rpcs.home(name).index()));
    subscriber.requestStarted();
    rpcs.loops()
        .atHomes(
            changed,
            subscriber.loop(),
            (home, name) -> step.apply(rpcs.shard(home), name),
            rpcs.peers()::settle,
            () -> {
              acknowledge(request);
              subscriber.requestEnded();
            });
  }

  private void acknowledge(RpcRequest.Bulk request) {
    subscriber.send(new RpcPush.Ack(request.action(), request.correlationId()));
  }

  private Map<EventLoop, List<String>> byHome(Collection<String> names) {
    Map<EventLoop, List<String>> byHome = new LinkedHashMap<>();
    for (String name : names) {
      byHome.computeIfAbsent(rpcs.home(name), unknown -> new ArrayList<>()).add(name);
    }
    return byHome;
  }

  private void call(RpcRequest.Call request) {
    if (isNoJson(request.data())) {
      refuseData(request.name(), request.correlationId(), request.action());
      return;
    }
    RpcCall call =
        new RpcCall(
            socket,
            new Key(request.name(), request.correlationId()),
            request.correlationId(),
            request.data(),
            rpcs.rules().tellName() ? subscriber.user().id() : null,
            rpcs.rules().tellData() ? subscriber.user().clientData() : null);
    if (!socket.mayCall(call.size)) {
      subscriber.send(
          new RpcPush.Answer(
              RpcAction.REQUEST_ERROR, request.name(), request.correlationId(), TOO_MANY_CALLS));
      return;
    }
    atHome(request.name(), shard -> shard.request(call, 0));
  }

  private void answer(RpcRequest.Answer request) {
    boolean carriesData =
        request.action() == RpcAction.RESPONSE || request.action() == RpcAction.REQUEST_ERROR;
    if (carriesData && isNoJson(request.data())) {
      refuseData(request.name(), request.correlationId(), request.action());
      return;
    }
    atHome(request.name(), shard -> shard.answer(socket, request));
  }

  /** Text that is no JSON would stop the client that receives it (§1.6). */
  private static boolean isNoJson(@Nullable JsonText data) {
    return data != null && Json.parse(data).isEmpty();
  }

  private void refuseData(String name, String correlationId, RpcAction original) {
    subscriber.send(
        new RpcPush.Failure(RpcAction.INVALID_MESSAGE_DATA, name, correlationId, original, true));
  }

  private void atHome(String name, Consumer<RpcShard> step) {
    EventLoop home = rpcs.home(name);
    known.set(home.index());
    // Queued, also on the own loop, behind what others did before; and counted until it is there,
    // so that a socket cannot fill another loop's queue without end.
    subscriber.requestStarted();
    home.execute(
        () -> {
          step.accept(rpcs.shard(home));
          subscriber.loop().run(subscriber::requestEnded);
        });
  }
}
