package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.User;
import io.millrace.server.peer.Peers;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The RPC feature of one node, alone on two loops if not told else, with clients that are fakes.
 */
final class RpcRig implements RpcCounter {
  static final Duration ACK = Duration.ofSeconds(1);
  static final Duration RESPONSE = Duration.ofSeconds(10);

  final ManualEventLoops loops;
  final Rpcs rpcs;
  final List<Client> clients = new ArrayList<>();
  final Map<CallEnd, Integer> ends = new EnumMap<>(CallEnd.class);
  int started;
  int rerouted;
  int remote;

  RpcRig() {
    this(new RpcRules(ACK, RESPONSE, false, false));
  }

  RpcRig(RpcRules rules) {
    this(rules, 2, loops -> Peers.NONE);
  }

  /**
   * @param peers the other nodes, as this one with its loops sees them
   */
  RpcRig(RpcRules rules, int loops, Function<EventLoops, Peers> peers) {
    this.loops = new ManualEventLoops(loops);
    EventLoops all = this.loops.all();
    this.rpcs = new Rpcs(all, peers.apply(all), rules, this, this.loops::nowNs);
  }

  /** A client whose connection lives on that loop. */
  Client client(int loop) {
    return client(loop, new User("user-" + clients.size(), null, null));
  }

  Client client(int loop, User user) {
    Client client = new Client(new FakeSubscriber(clients.size() + 1, loops.all().get(loop), user));
    clients.add(client);
    return client;
  }

  /** A name that is at home on that loop. */
  String nameAt(int loop, String prefix) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> prefix + i)
        .filter(name -> loops.all().home(name).index() == loop)
        .findFirst()
        .orElseThrow();
  }

  /** Lets time pass, and happen what is due. */
  void pass(Duration duration) {
    loops.runAll();
    loops.advance(duration);
    loops.runAll();
  }

  boolean isEmpty() {
    return loops.all().all().stream().allMatch(loop -> rpcs.shard(loop).isEmpty());
  }

  int ended() {
    return ends.values().stream().mapToInt(Integer::intValue).sum();
  }

  static RpcRequest.Call call(String name, String id, @Nullable String data) {
    return new RpcRequest.Call(name, id, data == null ? null : new JsonText(data));
  }

  /** What a provider is told. */
  static RpcPush asked(String name, String id, @Nullable String data) {
    return new RpcPush.Call(name, id, data == null ? null : new JsonText(data), null, null);
  }

  /** What a caller is told. */
  static RpcPush told(RpcAction action, String name, String id, @Nullable String data) {
    return new RpcPush.Answer(action, name, id, data == null ? null : new JsonText(data));
  }

  static RpcPush failed(RpcAction action, String name, String id) {
    return new RpcPush.Failure(action, name, id, null, false);
  }

  static RpcPush refused(RpcAction original, String name, String id) {
    return new RpcPush.Failure(RpcAction.INVALID_RPC_CORRELATION_ID, name, id, original, true);
  }

  @Override
  public void started() {
    started++;
  }

  @Override
  public void remote() {
    remote++;
  }

  @Override
  public void rerouted() {
    rerouted++;
  }

  @Override
  public void ended(CallEnd end, long nanos) {
    ends.merge(end, 1, Integer::sum);
  }

  /** Does things when its loop gets to it. */
  final class Client {
    final FakeSubscriber subscriber;
    private final RpcSession session;

    private Client(FakeSubscriber subscriber) {
      this.subscriber = subscriber;
      this.session = new RpcSession(subscriber, rpcs);
    }

    void says(RpcRequest request) {
      subscriber.loop().execute(() -> session.handle(request));
    }

    List<ServerMessage> hears() {
      loops.runAll();
      return subscriber.take();
    }

    Client provides(String... names) {
      says(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of(names), "p"));
      hears();
      return this;
    }

    void unprovides(String... names) {
      says(new RpcRequest.Bulk(RpcAction.UNPROVIDE, List.of(names), "u"));
      hears();
    }

    void calls(String name, String id, @Nullable String data) {
      says(call(name, id, data));
    }

    void answers(RpcAction action, String name, String id, @Nullable String data) {
      says(new RpcRequest.Answer(action, name, id, data == null ? null : new JsonText(data)));
    }

    void becomesWritable(boolean writable) {
      subscriber
          .loop()
          .execute(
              () -> {
                subscriber.setWritable(writable);
                session.writabilityChanged();
              });
    }

    void retires() {
      subscriber.loop().execute(session::retire);
    }

    boolean hasOpenCalls() {
      return session.hasOpenCalls();
    }

    void leaves() {
      subscriber.loop().execute(session::close);
    }
  }
}
