package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers calls with what it was given, at once; accepts every other one first. */
final class RpcProvider extends Client {
  private final String rpc;
  private final AtomicInteger answered = new AtomicInteger();

  RpcProvider(String name, TestCluster cluster, int node, String rpc, History history) {
    super(name, cluster, node, history);
    this.rpc = rpc;
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
      boolean unused =
          send(new RpcRequest.Answer(RpcAction.RESPONSE, rpc, call.correlationId(), call.data()));
    }
  }

  int answered() {
    return answered.get();
  }
}
