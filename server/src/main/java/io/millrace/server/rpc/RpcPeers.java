package io.millrace.server.rpc;

import io.millrace.protocol.RpcRequest;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.peer.Peers;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/** Carries what other nodes say to the home loops of the names. Thread-safe. */
final class RpcPeers implements PeerFeature<RpcMessage> {
  private final EventLoops loops;
  private final Function<EventLoop, RpcShard> shards;
  private final PeerChannel<RpcMessage> channel;
  private final AtomicLong numbers = new AtomicLong();

  /** By node; each for as long as the stream from it lasts. */
  private final Map<String, RpcNode> nodes = new ConcurrentHashMap<>();

  /** By node, which of all joins was its last. */
  private final Map<String, Long> joins = new ConcurrentHashMap<>();

  private final AtomicLong joined = new AtomicLong();

  RpcPeers(EventLoops loops, Peers peers, Function<EventLoop, RpcShard> shards) {
    this.loops = loops;
    this.shards = shards;
    this.channel = peers.open(this);
  }

  void sendToAll(RpcMessage message) {
    channel.sendToAll(message);
  }

  @Override
  public PeerTopic topic() {
    return PeerTopic.RPC;
  }

  @Override
  public void write(RpcMessage message, PeerOutput out) {
    RpcMessage.write(message, out);
  }

  @Override
  public RpcMessage read(PeerInput in) {
    return RpcMessage.read(in);
  }

  @Override
  public int weight(RpcMessage message) {
    return RpcMessage.weight(message);
  }

  @Override
  public void joined(String node) {
    // A node that starts again has another id, so those that nobody can reach are forgotten. What
    // is removed too early comes again with the next stream.
    joins.entrySet().removeIf(each -> !channel.nodes().contains(each.getKey()));
    Long number = joined.incrementAndGet();
    joins.put(node, number);
    RpcNode known = known(node);
    onAll(
        shard -> {
          // If there is a newer stream already, a beginning would be taken for that one's.
          if (number.equals(joins.get(node))) {
            shard.met(known);
          }
        });
  }

  @Override
  public void left(String node) {
    RpcNode gone = nodes.remove(node);
    if (gone != null) {
      onAll(shard -> shard.gone(gone));
    }
  }

  @Override
  public void received(String node, RpcMessage message) {
    RpcNode from = known(node);
    switch (message) {
      case RpcMessage.Begin begin -> from.begin(begin.loop());
      case RpcMessage.Provided provided ->
          atHome(provided.name(), shard -> shard.provide(provided.name(), from));
      case RpcMessage.Unprovided unprovided ->
          atHome(
              unprovided.name(),
              shard -> {
                if (unprovided.moving()) {
                  shard.moved(from, unprovided.name());
                } else {
                  shard.unprovide(unprovided.name(), from);
                }
              });
      case RpcMessage.Ask ask -> {
        if (from.hasBegun(ask.loop())) {
          RpcCall call = call(from, ask);
          atHome(ask.name(), shard -> shard.request(call, ask.ageNs()));
        }
      }
      case RpcMessage.Cancel cancel -> {
        Key key = key(cancel.name(), cancel.call());
        atHome(cancel.name(), shard -> shard.cancel(from, key));
      }
      case RpcMessage.HandedOn on -> {
        Key key = key(on.name(), on.call());
        atHome(on.name(), shard -> shard.handedOn(from, key));
      }
      case RpcMessage.Told told -> atHome(told.name(), shard -> told(shard, from, told));
    }
  }

  private static void told(RpcShard shard, RpcNode from, RpcMessage.Told told) {
    Key key = key(told.name(), told.call());
    switch (told.action()) {
      case NO_RPC_PROVIDER -> shard.failed(from, key, CallEnd.NO_PROVIDER);
      case ACCEPT_TIMEOUT -> shard.failed(from, key, CallEnd.ACCEPT_TIMEOUT);
      case RESPONSE_TIMEOUT -> shard.failed(from, key, CallEnd.RESPONSE_TIMEOUT);
      default ->
          shard.answer(
              from, new RpcRequest.Answer(told.action(), key.name(), key.id(), told.data()));
    }
  }

  private static RpcCall call(RpcNode from, RpcMessage.Ask ask) {
    return new RpcCall(
        from,
        key(ask.name(), ask.call()),
        ask.id(),
        ask.data(),
        ask.requestorName(),
        ask.requestorData());
  }

  private static Key key(String name, long call) {
    return new Key(name, Long.toString(call));
  }

  private RpcNode known(String node) {
    return nodes.computeIfAbsent(node, id -> new RpcNode(id, loops, channel, numbers));
  }

  private void atHome(String name, Consumer<RpcShard> step) {
    EventLoop home = loops.home(name);
    home.execute(() -> step.accept(shards.apply(home)));
  }

  private void onAll(Consumer<RpcShard> step) {
    for (EventLoop loop : loops.all()) {
      loop.execute(() -> step.accept(shards.apply(loop)));
    }
  }
}
