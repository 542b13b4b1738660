package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Calls again and again, and holds every call to one end in bounded time. */
final class RpcCaller extends Client {
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Much longer than all timeouts of a call together. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

  private final String rpc;
  private final Map<String, Long> open = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final Map<RpcAction, Integer> ends = new TreeMap<>();
  private int number;
  private int cutOff;
  private volatile boolean waits;
  private volatile boolean done;

  RpcCaller(String name, TestCluster cluster, int node, String rpc, History history) {
    super(name, cluster, node, history);
    this.rpc = rpc;
  }

  /** Connects, and calls whenever it is connected. */
  void beginToCall() {
    begin();
    Thread.ofPlatform().daemon().name(name()).start(this::callOnAndOn);
  }

  /** Has it make a call only when the one before has ended. */
  RpcCaller oneAfterTheOther() {
    waits = true;
    return this;
  }

  private synchronized boolean hasOpen() {
    return !open.isEmpty();
  }

  private void callOnAndOn() {
    while (!done && !isClosed()) {
      if (isConnected() && !(waits && hasOpen())) {
        call();
      }
      checkPatience();
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  private void call() {
    String id;
    synchronized (this) {
      id = name() + "-" + number++;
      open.put(id, System.nanoTime());
    }
    if (!send(new RpcRequest.Call(rpc, id, new JsonText('"' + id + '"')))) {
      synchronized (this) {
        cutOff += open.remove(id) == null ? 0 : 1;
      }
    }
  }

  @Override
  void connected() {}

  @Override
  synchronized void received(ServerMessage message) {
    switch (message) {
      case RpcPush.Answer it when it.action() == RpcAction.ACCEPT -> {}
      case RpcPush.Answer it -> {
        JsonText data = it.data();
        if (data == null || !data.text().equals('"' + it.correlationId() + '"')) {
          history().fault("got the answer of another call: " + it, name());
        }
        ended(it.correlationId(), it.action());
      }
      case RpcPush.Failure it -> ended(String.valueOf(it.correlationId()), it.action());
      default -> history().fault("was sent " + message, name());
    }
  }

  private void ended(String id, RpcAction how) {
    if (!ended.add(id)) {
      history().fault("call " + id + " ended once more, by " + how, name());
    } else if (open.remove(id) == null) {
      history().fault("call " + id + " ended after its connection, by " + how, name());
    }
    ends.merge(how, 1, Integer::sum);
  }

  private synchronized void checkPatience() {
    long now = System.nanoTime();
    open.values()
        .removeIf(
            since -> {
              boolean late = now - since > PATIENCE_NS && isConnected();
              if (late) {
                history()
                    .fault("a call did not end in " + (now - since) / 1_000_000 + " ms", name());
              }
              return late;
            });
  }

  /** The connection has taken them with it. */
  @Override
  synchronized void disconnected() {
    cutOff += open.size();
    open.clear();
  }

  void finish() {
    done = true;
  }

  /** Whether all calls have ended. */
  synchronized boolean isFinished() {
    checkPatience();
    return open.isEmpty();
  }

  /** Calls that ended otherwise than with their answer. */
  synchronized int failures() {
    return ends.values().stream().mapToInt(Integer::intValue).sum() - successes();
  }

  /** Calls whose connection ended first. */
  synchronized int cutOff() {
    return cutOff;
  }

  synchronized int successes() {
    return ends.getOrDefault(RpcAction.RESPONSE, 0);
  }

  @Override
  public synchronized String toString() {
    return "%s: %d calls, ended by %s, %d lost their connection"
        .formatted(name(), number, ends, cutOff);
  }
}
