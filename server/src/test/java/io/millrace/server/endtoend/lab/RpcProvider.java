package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers calls with what it was given, at once or later; accepts every other one first. */
final class RpcProvider extends Client {
  private static final ScheduledExecutorService THOUGHT =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("thought").unstarted(task));

  private final String rpc;
  private final Duration thinking;
  private final AtomicInteger answered = new AtomicInteger();

  RpcProvider(String name, TestCluster cluster, int node, String rpc, History history) {
    this(name, cluster, node, rpc, Duration.ZERO, history);
  }

  /**
   * @param thinking how long it has a call in its hands
   */
  RpcProvider(
      String name, TestCluster cluster, int node, String rpc, Duration thinking, History history) {
    super(name, cluster, node, history);
    this.rpc = rpc;
    this.thinking = thinking;
  }

  @Override
  void connected() {
    boolean unused = send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of(rpc), "0"));
  }

  @Override
  void received(ServerMessage message) {
    if (message instanceof RpcPush.Call call) {
      if (answered.incrementAndGet() % 2 == 0) {
        boolean unused =
            send(new RpcRequest.Answer(RpcAction.ACCEPT, rpc, call.correlationId(), null));
      }
      if (thinking.isZero()) {
        answer(call);
      } else {
        var unused =
            THOUGHT.schedule(() -> answer(call), thinking.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void answer(RpcPush.Call call) {
    boolean unused =
        send(new RpcRequest.Answer(RpcAction.RESPONSE, rpc, call.correlationId(), call.data()));
  }

  int answered() {
    return answered.get();
  }
}
