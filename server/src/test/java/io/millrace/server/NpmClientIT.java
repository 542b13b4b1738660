package io.millrace.server;

import io.millrace.server.config.ConfigLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified npm client against one server, without and with storage. */
final class NpmClientIT {

  @Test
  void theNpmClientFindsEverythingInPlace() throws Exception {
    runAgainst("{ type: none }");
  }

  @Test
  void theNpmClientFindsRecordsInPlaceWithSqlite(@TempDir Path folder) throws Exception {
    runAgainst(
        "{ type: sqlite, path: '" + folder.resolve("millrace.db") + "' }",
        "record-",
        "wire-record-");
  }

  private static void runAgainst(String storage, String... files) throws Exception {
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        auth: [ { type: none } ]
        record: { hotPathPrefixes: [hot/], storageExclusionPrefixes: [volatile/] }
        listen: { shuffleProviders: false, responseTimeout: 200ms }
        storage: %s
        """
            .formatted(storage);
    try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
      NodeSuite.run("ws://127.0.0.1:" + server.port(), files);
    }
  }
}
