package io.millrace.server.rpc;

import io.millrace.protocol.RpcPush;

/**
 * Who can be handed calls. Today each is a socket of this node. From any thread; what one home loop
 * says arrives in its order.
 */
interface Provider {

  /** Whether it is on this node: such are asked first. */
  boolean isLocal();

  /** Whether it reads what it is sent; one that does not is asked last. */
  boolean isWritable();

  /** How many calls it has in its hands, of all names. */
  int open();

  /** One call more is in its hands. */
  void taken();

  /** One call less is in its hands. */
  void given();

  void ask(RpcPush.Call call);

  /** Says what was wrong with an answer of it. */
  void refuse(RpcPush.Failure failure);
}
