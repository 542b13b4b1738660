package io.millrace.server.endtoend.lab;

import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.ServerMessage;
import java.util.Map;
import java.util.TreeMap;

/** Counts how often others are said to have gone. */
final class PresenceWatcher extends Client {
  private final Map<String, Integer> leaves = new TreeMap<>();

  PresenceWatcher(String name, TestCluster cluster, int node, History history) {
    super(name, cluster, node, history);
  }

  @Override
  void connected() {
    boolean unused = send(new PresenceRequest.Everybody(PresenceAction.SUBSCRIBE_ALL));
  }

  @Override
  synchronized void received(ServerMessage message) {
    if (message instanceof PresencePush.Change change
        && change.action() == PresenceAction.PRESENCE_LEAVE_ALL) {
      leaves.merge(change.user(), 1, Integer::sum);
    }
  }

  /** By user, since this was last asked. */
  synchronized Map<String, Integer> takeLeaves() {
    Map<String, Integer> taken = Map.copyOf(leaves);
    leaves.clear();
    return taken;
  }
}
