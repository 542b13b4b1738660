package io.millrace.server.endtoend.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.server.NodeSuite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** P8 with the npm client: what it does when its node leaves, not what we think that it does. */
final class NpmRollingRestartIT {
  private static final int NODES = 3;

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void theNpmClientReconnectsOnceWhenItsNodeIsRestarted() throws Exception {
    // A node that starts takes the processor from the others for longer than a second.
    try (TestCluster cluster =
        TestCluster.of(NODES, directory)
            .heartbeatTimeout(TestCluster.PATIENT)
            .yaml("rpc: { ackTimeout: 8s }")
            .start()) {
      HttpServer control =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      control.createContext("/restart/", exchange -> restart(cluster, exchange));
      control.start();
      try {
        NodeSuite.run(
            IntStream.range(0, NODES)
                .mapToObj(node -> cluster.uri(node).resolve("/").toString())
                .map(uri -> uri.substring(0, uri.length() - 1))
                .collect(Collectors.joining(",")),
            Map.of(
                "MILLRACE_CONTROL",
                "http://127.0.0.1:" + control.getAddress().getPort(),
                // A process ends and starts.
                "MILLRACE_PATIENCE_MS",
                "100000"),
            "rolling");
      } finally {
        control.stop(0);
      }
    }
  }

  private static void restart(TestCluster cluster, HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      int node = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      boolean good = cluster.stop(node).orElse(-1) == 0;
      cluster.start(node);
      cluster.awaitWhole();
      exchange.sendResponseHeaders(good ? 204 : 500, -1);
    }
  }
}
