package io.millrace.server.rpc;

import io.millrace.protocol.RpcPush;
import org.jspecify.annotations.Nullable;

/**
 * Who makes calls: a socket of this node, or another node for a socket of its own. From any thread;
 * what one home loop says arrives in its order.
 */
interface Requester {

  /** Whether it is on this node; the calls of others are for the providers here only. */
  boolean isLocal();

  /** A provider has accepted the call; again, when it then gave it back and another accepted it. */
  void accepted(RpcCall call);

  /** The call has gone from one provider to the next. */
  void handedOn(RpcCall call);

  /**
   * The call is over. Said exactly once for each.
   *
   * @param last the answer or the failure; null when another call took its place
   */
  void ended(RpcCall call, @Nullable RpcPush last);
}
