package io.millrace.server.cluster;

import io.millrace.server.peer.PeerTopic;

/** Port: counts what goes over the links. Called on the link loop. */
public interface LinkCounter {
  void sent(PeerTopic topic, int messages);

  void written(long bytes);

  /** Streams to other nodes that have begun, or ended if negative. */
  void up(int change);

  void ended(StreamEnd reason);
}
