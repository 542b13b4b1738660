package io.millrace.server.rpc;

import io.millrace.protocol.RpcPush;
import io.millrace.server.rpc.RpcCall.Key;

/**
 * Who can be handed calls: a socket of this node, or another node for the sockets it has. From any
 * thread; what one home loop says arrives in its order.
 */
interface Provider {

  /** Whether it is on this node: such are asked first. */
  boolean isLocal();

  /** Whom a call is handed to at most once; outlives the breaks of a link. */
  Object who();

  /** Whether it reads what it is sent; one that does not is asked last. */
  boolean isWritable();

  /** Whether it may have this call in its hands, too (P6). */
  boolean hasRoom(RpcCall call);

  /** How many calls it has in its hands, of all names. */
  int open();

  /** One call more is in its hands. */
  void taken(RpcCall call);

  /** One call less is in its hands. */
  void given(RpcCall call);

  /** The id that it should be told for a call, if it has no other call with that id. */
  String idFor(RpcCall call);

  /**
   * Hands it the call.
   *
   * @param ageNs how long the call has been open
   * @return false if it cannot be reached
   */
  boolean ask(RpcCall call, String id, long ageNs);

  /** The call is not in its hands any more, and it does not know that yet. */
  void cancel(Key key);

  /** Says what was wrong with an answer of it. */
  void refuse(RpcPush.Failure failure);
}
