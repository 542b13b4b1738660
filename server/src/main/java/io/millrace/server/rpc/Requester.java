package io.millrace.server.rpc;

import io.millrace.protocol.RpcPush;
import org.jspecify.annotations.Nullable;

/**
 * Who makes calls. Today each is a socket of this node. From any thread; what one home loop says
 * arrives in its order.
 */
interface Requester {

  /** A provider has accepted the call; again, when it then gave it back and another accepted it. */
  void accepted(RpcCall call);

  /**
   * The call is over. Said exactly once for each.
   *
   * @param last the answer or the failure; null when another call took its place
   */
  void ended(RpcCall call, @Nullable RpcPush last);
}
