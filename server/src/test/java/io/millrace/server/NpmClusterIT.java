package io.millrace.server;

import static org.awaitility.Awaitility.await;

import io.millrace.server.endtoend.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The unmodified npm client against three nodes: the clients of each scenario are spread over them.
 */
final class NpmClusterIT {
  private static final int NODES = 3;
  private static final Duration START = Duration.ofMinutes(1);

  private final List<TestServer> nodes = new ArrayList<>();

  @AfterEach
  void stop() {
    nodes.forEach(TestServer::close);
  }

  @Test
  void theNpmClientFindsEverythingInPlaceOnThreeNodes() throws Exception {
    start("");
    NodeSuite.run(
        urls(),
        "connection",
        "event",
        "http",
        "listening",
        "presence",
        "record-",
        "rpc",
        "wire-",
        "ws-json");
  }

  @Test
  void theNpmClientFindsTheSameInJson() throws Exception {
    start("websocket: { maxMessageSize: 4MiB }");
    NodeSuite.run(
        urls(),
        Map.of("MILLRACE_FORMAT", "json"),
        "event",
        "listening",
        "presence",
        "record-",
        "rpc");
  }

  private String urls() {
    return nodes.stream()
        .map(node -> "ws://127.0.0.1:" + node.port())
        .collect(Collectors.joining(","));
  }

  private void start(String more) throws IOException {
    List<Integer> ports = freePorts();
    List<String> members = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    for (int port : ports) {
      nodes.add(
          TestServer.with()
              .cluster("127.0.0.1", port, members)
              .yaml("record: { hotPathPrefixes: [hot/], storageExclusionPrefixes: [volatile/] }")
              .yaml("listen: { shuffleProviders: false, responseTimeout: 4s }")
              .yaml("rpc: { ackTimeout: 4s, responseTimeout: 6s }")
              .yaml(more)
              .start());
    }
    await()
        .atMost(START)
        .until(
            () ->
                nodes.stream()
                    .allMatch(
                        node ->
                            node.isReady() && node.metric("millrace_links_streams") == NODES - 1));
  }

  /** All at once, so that they differ. */
  private static List<Integer> freePorts() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }
}
