package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One socket of this node, as home loops see it: somebody who makes calls and takes calls. What
 * they say is carried to the session's loop.
 *
 * <p>Open calls do not stop the reading from the socket, as other open requests do: what comes next
 * may be the answer that another call waits for. So they have a limit of their own (P6).
 */
final class RpcSocket implements Provider, Requester {

  /** Calls that one socket may have open. */
  static final int MAX_CALLS = 10_000;

  /** Characters of data that the open calls of one socket may have, kept for the next provider. */
  static final int MAX_CALL_DATA = 16 << 20;

  /** Characters of data that are sent to a socket which does not read. */
  static final int MAX_UNREAD = 16 << 20;

  private final Subscriber subscriber;
  private final Rpcs rpcs;
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean writable = true;

  // Confined to the session's loop.
  private int calls;
  private int callData;
  private int unread;
  private boolean closed;

  RpcSocket(Subscriber subscriber, Rpcs rpcs) {
    this.subscriber = subscriber;
    this.rpcs = rpcs;
  }

  // --- on the session's loop

  /** Counts a call that is about to be made, if it may be made. */
  boolean mayCall(int size) {
    if (calls >= MAX_CALLS || size > MAX_CALL_DATA - callData) {
      return false;
    }
    calls++;
    callData += size;
    return true;
  }

  void writabilityChanged() {
    writable = subscriber.isWritable();
    if (writable) {
      unread = 0;
    }
  }

  void close() {
    closed = true;
  }

  boolean hasOpenCalls() {
    return calls > 0 || open.get() > 0;
  }

  private boolean hasRoom(int size) {
    if (subscriber.isWritable()) {
      return true;
    }
    if (size > MAX_UNREAD - unread) {
      return false;
    }
    unread += size;
    return true;
  }

  private void called(RpcPush.Call call) {
    if (closed) {
      return;
    }
    if (hasRoom(size(call.data()))) {
      subscriber.send(call);
      return;
    }
    EventLoop home = rpcs.home(call.name());
    Key key = new Key(call.name(), call.correlationId());
    home.execute(() -> rpcs.shard(home).notTaken(this, key));
  }

  private void told(RpcPush last) {
    if (closed) {
      return;
    }
    if (last instanceof RpcPush.Answer answer && !hasRoom(size(answer.data()))) {
      // A caller who does not read has no answer in time.
      subscriber.send(
          new RpcPush.Failure(
              RpcAction.RESPONSE_TIMEOUT, answer.name(), answer.correlationId(), null, false));
      return;
    }
    subscriber.send(last);
  }

  private static int size(@Nullable JsonText data) {
    return data == null ? 0 : data.text().length();
  }

  // --- as a caller

  @Override
  public void accepted(RpcCall call) {
    RpcPush accept = new RpcPush.Answer(RpcAction.ACCEPT, call.name(), call.key.id(), null);
    subscriber.loop().run(() -> subscriber.send(accept));
  }

  /** To a caller it does not matter. */
  @Override
  public void handedOn(RpcCall call) {}

  @Override
  public void ended(RpcCall call, @Nullable RpcPush last) {
    subscriber
        .loop()
        .run(
            () -> {
              calls--;
              callData -= call.size;
              if (last != null) {
                told(last);
              }
            });
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  // --- as a provider

  @Override
  public Object who() {
    return this;
  }

  @Override
  public boolean hasRoom(RpcCall call) {
    return open.get() < Providers.MAX_OPEN;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public int open() {
    return open.get();
  }

  @Override
  public void taken(RpcCall call) {
    open.incrementAndGet();
  }

  @Override
  public void given(RpcCall call) {
    open.decrementAndGet();
  }

  @Override
  public String idFor(RpcCall call) {
    return call.id;
  }

  /** What it does not read is {@linkplain RpcShard#notTaken given back} later. */
  @Override
  public boolean ask(RpcCall call, String id, long ageNs) {
    RpcPush.Call message =
        new RpcPush.Call(call.name(), id, call.data(), call.requestorName(), call.requestorData());
    subscriber.loop().run(() -> called(message));
    return true;
  }

  /** Providers are not told (protocol §5); an answer that comes nevertheless is refused. */
  @Override
  public void cancel(Key key) {}

  @Override
  public void refuse(RpcPush.Failure failure) {
    subscriber.loop().run(() -> subscriber.send(failure));
  }
}
