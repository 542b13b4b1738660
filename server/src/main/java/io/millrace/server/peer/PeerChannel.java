package io.millrace.server.peer;

import java.util.Set;

/**
 * A feature's way to its counterparts. From any thread; never blocks. What one thread sends to one
 * node arrives there in that order and without a hole, or the stream ends and begins anew.
 *
 * @param <M> what is said
 */
public interface PeerChannel<M> {

  /** Sends the message; false if the node cannot be reached now. */
  boolean send(String node, M message);

  /** The nodes that can be sent to now. */
  Set<String> nodes();

  /** Sends the message to every node that can be reached. */
  default void sendToAll(M message) {
    for (String node : nodes()) {
      send(node, message);
    }
  }
}
