package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** That the lab can do what it says: else a test that passes means nothing. */
@EnabledIfSystemProperty(named = "chaos.minutes", matches = "[0-9.]+")
final class WiresIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private static int nodesSeenBy(TestCluster cluster, int node) {
    return (int) NodeProbe.metric(cluster.clients(node), "millrace_cluster_nodes");
  }

  @Test
  @Timeout(600)
  void nodesThatAreCutOffOrHangOrDieAreMissedAndComeBack() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory).start()) {
      assertThat(cluster.wires().accepted()).as("connections through the wires").isPositive();

      cluster.wires().cut(0, 1);
      cluster.wires().cut(0, 2);
      await().atMost(LONG).until(() -> nodesSeenBy(cluster, 0) == 1);
      await().atMost(LONG).until(() -> nodesSeenBy(cluster, 1) == 2);
      cluster.wires().heal();
      cluster.awaitWhole();

      cluster.pause(1);
      await().atMost(LONG).until(() -> nodesSeenBy(cluster, 2) == 2);
      cluster.resume(1);
      cluster.awaitWhole();

      cluster.kill(2);
      await().atMost(LONG).until(() -> nodesSeenBy(cluster, 0) == 2);
      cluster.start(2);
      cluster.awaitWhole();
    }
  }
}
