package io.millrace.server;

import static org.awaitility.Awaitility.await;

import io.millrace.server.endtoend.TestServer;
import io.millrace.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified npm client against three nodes: the clients of each scenario are spread over them.
 */
final class NpmClusterIT {
  private static final int NODES = 3;
  private static final Duration START = Duration.ofMinutes(3);

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

  /** Rules that look at other records, and one file of rules that all nodes read. */
  @Test
  void theNpmClientMayDoWhatTheRulesSayOnEachNode(@TempDir Path folder) throws Exception {
    Path users =
        Files.writeString(
            folder.resolve("users.yml"),
            NpmClientIT.users(Map.of("root", "admin", "ann", "user", "bob", "user")));
    Path rules = Files.copy(NodeSuite.file("permissions.yml"), folder.resolve("permissions.yml"));
    start(
        """
        auth: [ { type: file, users: '%s', pbkdf2: %s }, { type: none } ]
        permission: { type: config, file: '%s' }
        """
            .formatted(users, NpmClientIT.PBKDF2, rules));
    NodeSuite.run(urls(), Map.of("MILLRACE_PERMISSION_FILE", rules.toString()), "permission");
  }

  private String urls() {
    return nodes.stream()
        .map(node -> "ws://127.0.0.1:" + node.port())
        .collect(Collectors.joining(","));
  }

  private void start(String more) {
    List<Integer> ports = Stream.generate(FreePorts::next).limit(NODES).toList();
    List<String> members = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    for (int port : ports) {
      nodes.add(
          TestServer.with()
              .cluster("127.0.0.1", port, members)
              .yaml("record: { hotPathPrefixes: [hot/], storageExclusionPrefixes: [volatile/] }")
              .yaml("listen: { shuffleProviders: false, responseTimeout: 2s }")
              .yaml("rpc: { ackTimeout: 2s, responseTimeout: 4s }")
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
}
