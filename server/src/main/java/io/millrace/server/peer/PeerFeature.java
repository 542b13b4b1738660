package io.millrace.server.peer;

/**
 * A feature that talks to its counterparts on other nodes. What a node has said counts for as long
 * as its stream lasts: a stream that ends takes everything with it, and the next one begins with
 * nothing. So whatever breaks, nobody is left with what is no longer true.
 *
 * <p>All calls for one node come from one thread at a time and in their order, and must return at
 * once: what belongs to a name is queued to the name's home loop.
 *
 * @param <M> what is said
 */
public interface PeerFeature<M> {

  PeerTopic topic();

  void write(M message, PeerOutput out);

  M read(PeerInput in);

  /** About how many bytes the message takes while it waits to be sent. */
  int weight(M message);

  /**
   * The node can be sent to, and knows nothing of this one: say all that it has to know. Messages
   * that are sent meanwhile by others may come before that, so what is said must bear repetition.
   */
  void joined(String node);

  /** The node's stream has ended: all that it has said is void. */
  void left(String node);

  void received(String node, M message);
}
