package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nodes are killed in every order, and started again in between: each time there are soon no ghost
 * users, no ghost subscribers, no lost providers, no lost listeners.
 */
final class KillOrderIT {
  private static final Logger LOG = LoggerFactory.getLogger(KillOrderIT.class);
  private static final int NODES = 3;
  private static final Duration SOON = Duration.ofSeconds(60);

  /** Any three different ones in every order are found in it. */
  private static final int[] EVERY_ORDER = {0, 1, 2, 0, 1, 0, 2, 1, 0};

  private final History history = new History(System::nanoTime);
  private final List<Client> clients = new ArrayList<>();
  private final List<EventClient> events = new ArrayList<>();
  private final List<PatternClient> patterns = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(Client::close);
  }

  @Test
  @Timeout(900)
  void whoeverDiesInWhateverOrderLeavesNoGhosts() throws Exception {
    Path directory = Path.of("target", "lab", "kill-order").toAbsolutePath();
    try (TestCluster cluster =
        TestCluster.of(NODES, directory)
            // A provider that is silent is never asked again, and it may be the machine that
            // stalls.
            .yaml("listen: { responseTimeout: 60s }")
            .start()) {
      for (int node = 0; node < NODES; node++) {
        clients.add(new RpcProvider("provider-" + node, cluster, node, rpc(node), history));
        events.add(new EventClient("emitter-" + node, cluster, node, "news", history));
        patterns.add(new PatternClient("listener-" + node, cluster, node, NODES, history));
      }
      clients.addAll(events);
      clients.addAll(patterns);
      clients.forEach(Client::begin);
      check(cluster, "at the beginning");
      for (int dies : EVERY_ORDER) {
        LOG.info("node {} dies", dies);
        cluster.kill(dies);
        check(cluster, "without node " + dies);
        cluster.start(dies);
        cluster.awaitWhole();
        check(cluster, "after the return of node " + dies);
      }
      Verdict.assertNoFaults(cluster, history);
    }
  }

  private static String rpc(int node) {
    return "rpc-of-" + node;
  }

  private void check(TestCluster cluster, String when) {
    List<Integer> alive = IntStream.range(0, NODES).filter(cluster::isRunning).boxed().toList();
    await(when + " clients of live nodes are connected")
        .atMost(SOON)
        .until(
            () ->
                clients.stream()
                    .allMatch(each -> each.isConnected() == alive.contains(each.node())));
    Roll.call(cluster, history, clients);
    for (int caller : alive) {
      for (int provider = 0; provider < NODES; provider++) {
        awaitCall(cluster, when, caller, provider);
      }
    }
    EventClient.awaitEachHearsEach(
        when, events.stream().filter(each -> alive.contains(each.node())).toList(), SOON);
    await(when + " listeners and subscribers know of each other")
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(patterns)
                    .filteredOn(each -> alive.contains(each.node()))
                    .allSatisfy(each -> assertThat(each.difference(alive)).isEmpty()));
  }

  /** Soon, calls of live providers are answered, and those of the dead fail at once. */
  private static void awaitCall(TestCluster cluster, String when, int caller, int provider) {
    RpcAction expected =
        cluster.isRunning(provider) ? RpcAction.RESPONSE : RpcAction.NO_RPC_PROVIDER;
    try (ScriptedClient client = ScriptedClient.connect(cluster.uri(caller)).login()) {
      await("%s, node %d calls the provider on node %d".formatted(when, caller, provider))
          .atMost(SOON)
          .until(
              () -> {
                client.send(new RpcRequest.Call(rpc(provider), "1", null));
                return client.await(RpcPush.class, it -> it.action() != RpcAction.ACCEPT).action()
                    == expected;
              });
    }
  }
}
