package io.millrace.server.grid;

import io.millrace.server.peer.NodeId;
import io.millrace.server.peer.Peers;
import java.util.Optional;

/**
 * Which node of the cluster a member of the grid stands for.
 *
 * @param id what other nodes call it
 * @param linkAddress where its end of a node link is, host:port; empty for a node that is alone
 * @param peers its way to the others
 */
public record GridNode(String id, Optional<String> linkAddress, Peers peers) {

  /** A node that will have no others. */
  public static GridNode alone(String name) {
    return new GridNode(NodeId.fresh(name), Optional.empty(), Peers.NONE);
  }
}
