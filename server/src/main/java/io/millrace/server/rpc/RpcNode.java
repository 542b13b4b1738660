package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.rpc.RpcCall.Key;
import io.millrace.server.transport.EventLoops;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Another node, as home loops see it, for as long as one stream from it lasts: it hands on calls of
 * its sockets, and takes calls for them.
 */
final class RpcNode implements Provider, Requester {

  /**
   * Characters of data that the calls in the hands of one node may have. They are kept there, and
   * may all be waiting for the link, which ends its stream when 64 MB wait.
   */
  static final int MAX_DATA = 16 << 20;

  private final String node;
  private final EventLoops loops;
  private final PeerChannel<RpcMessage> channel;
  private final AtomicLong numbers;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong data = new AtomicLong();

  /** Its loops that have begun. Confined to who calls for the node. */
  private final BitSet begun = new BitSet();

  /**
   * @param numbers the calls that this node has handed on to others
   */
  RpcNode(String node, EventLoops loops, PeerChannel<RpcMessage> channel, AtomicLong numbers) {
    this.node = node;
    this.loops = loops;
    this.channel = channel;
    this.numbers = numbers;
  }

  boolean send(RpcMessage message) {
    return channel.send(node, message);
  }

  void begin(int loop) {
    begun.set(loop);
  }

  /**
   * A call that comes before was handed on by a loop which did not know yet that the stream before
   * had ended. That loop will take it for lost, so nobody may be asked for it.
   */
  boolean hasBegun(int loop) {
    return begun.get(loop);
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  // --- as a provider

  @Override
  public Object who() {
    return node;
  }

  /** A link has a limit of its own, beyond which it breaks. */
  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public boolean hasRoom(RpcCall call) {
    return open.get() < Providers.MAX_OPEN && data.get() + call.size <= MAX_DATA;
  }

  @Override
  public int open() {
    return open.get();
  }

  @Override
  public void taken(RpcCall call) {
    open.incrementAndGet();
    data.addAndGet(call.size);
  }

  @Override
  public void given(RpcCall call) {
    open.decrementAndGet();
    data.addAndGet(-call.size);
  }

  /** Never the same, so that an answer to a call which has moved on is nobody else's. */
  @Override
  public String idFor(RpcCall call) {
    return Long.toString(numbers.incrementAndGet());
  }

  @Override
  public boolean ask(RpcCall call, String id, long ageNs) {
    return send(
        new RpcMessage.Ask(
            loops.home(call.name()).index(),
            call.name(),
            Long.parseLong(id),
            call.id,
            ageNs,
            call.data(),
            call.requestorName(),
            call.requestorData()));
  }

  @Override
  public void cancel(Key key) {
    send(new RpcMessage.Cancel(key.name(), Long.parseLong(key.id())));
  }

  /** It is not wrong: its answer and the end of the call have crossed. */
  @Override
  public void refuse(RpcPush.Failure failure) {}

  // --- as a caller

  @Override
  public void accepted(RpcCall call) {
    tell(call, RpcAction.ACCEPT, null);
  }

  @Override
  public void handedOn(RpcCall call) {
    send(new RpcMessage.HandedOn(call.name(), number(call)));
  }

  @Override
  public void ended(RpcCall call, @Nullable RpcPush last) {
    if (last != null) {
      tell(call, last.action(), last instanceof RpcPush.Answer answer ? answer.data() : null);
    }
  }

  private void tell(RpcCall call, RpcAction action, @Nullable JsonText data) {
    send(new RpcMessage.Told(call.name(), number(call), action, data));
  }

  private static long number(RpcCall call) {
    return Long.parseLong(call.key.id());
  }

  @Override
  public String toString() {
    return node;
  }
}
