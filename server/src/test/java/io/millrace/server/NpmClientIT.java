package io.millrace.server;

import io.millrace.server.config.ConfigLoader;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified npm client against one server, without and with storage. */
final class NpmClientIT {

  @Test
  void theNpmClientFindsEverythingInPlace() throws Exception {
    runAgainst(
        "{ type: none }",
        "connection",
        "event",
        "http",
        "presence",
        "record-",
        "rpc",
        "wire-",
        "ws-json");
  }

  @Test
  void theNpmClientFindsRecordsInPlaceWithSqlite(@TempDir Path folder) throws Exception {
    runAgainst(
        "{ type: sqlite, path: '" + folder.resolve("millrace.db") + "' }",
        "http",
        "record-",
        "wire-record-");
  }

  @Test
  void theNpmClientFindsTheSameInJson() throws Exception {
    // In JSON the client sends payloads twice.
    try (Assembly server = start("{ type: none }\nwebsocket: { maxMessageSize: 4MiB }")) {
      NodeSuite.run(
          url(server),
          Map.of("MILLRACE_FORMAT", "json"),
          "connection",
          "event",
          "presence",
          "record-",
          "rpc",
          "wire-record-");
    }
  }

  private static void runAgainst(String storage, String... files) throws Exception {
    try (Assembly server = start(storage)) {
      NodeSuite.run(url(server), files);
    }
  }

  private static String url(Assembly server) {
    return "ws://127.0.0.1:" + server.port();
  }

  private static Assembly start(String storage) {
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        auth: [ { type: none } ]
        record: { hotPathPrefixes: [hot/], storageExclusionPrefixes: [volatile/] }
        rpc: { ackTimeout: 1s, responseTimeout: 3s }
        storage: %s
        """
            .formatted(storage);
    return Assembly.start(ConfigLoader.parse(yaml));
  }
}
