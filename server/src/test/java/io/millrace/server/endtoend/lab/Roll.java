package io.millrace.server.endtoend.lab;

import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.testkit.ScriptedClient;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Calls the roll on every node: who is said to be online, and who is. */
final class Roll {
  private static final String ASKER = "asker";
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private Roll() {}

  /** Ghosts, and users who are missing, are faults if they stay so for {@link #PATIENCE}. */
  static void call(TestCluster cluster, History history, Collection<? extends Client> clients) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String difference = difference(cluster, clients);
      if (difference.isEmpty()) {
        return;
      }
      if (System.nanoTime() > end) {
        history.fault(difference, "presence");
        return;
      }
      LockSupport.parkNanos(200_000_000);
    }
  }

  static String difference(TestCluster cluster, Collection<? extends Client> clients) {
    for (int node = 0; node < cluster.size(); node++) {
      if (!cluster.isRunning(node)) {
        continue;
      }
      Set<String> online =
          clients.stream()
              .filter(Client::isConnected)
              .map(Client::name)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> said;
      try {
        said = ask(cluster, node);
      } catch (RuntimeException | AssertionError noAnswer) {
        return "node " + node + " does not say who is online: " + noAnswer.getMessage();
      }
      if (!said.equals(online)) {
        Set<String> ghosts = new TreeSet<>(said);
        ghosts.removeAll(online);
        online.removeAll(said);
        return "node " + node + " has ghosts " + ghosts + " and misses " + online;
      }
    }
    return "";
  }

  private static Set<String> ask(TestCluster cluster, int node) {
    try (ScriptedClient asker =
        ScriptedClient.connect(cluster.uri(node), Duration.ofSeconds(10))
            .login("{\"username\":\"" + ASKER + "-" + node + "\"}")) {
      asker.send(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
      return asker.await(PresencePush.QueryAllResponse.class).users().stream()
          .filter(user -> !user.startsWith(ASKER))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
