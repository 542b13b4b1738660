package io.millrace.server;

import io.millrace.server.auth.Argon2id;
import io.millrace.server.config.ConfigLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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

  @Test
  void theNpmClientLogsInWithPasswordsAndTokens(@TempDir Path folder) throws Exception {
    String secret = "a secret that is long enough for it";
    Path key = Files.writeString(folder.resolve("secret"), secret);
    Path users = folder.resolve("users.yml");
    Files.writeString(
        users,
        """
        ann: { password: '%s', clientData: { colour: red } }
        bob: { password: '%s' }
        """
            .formatted(Argon2id.hash("sesame"), Argon2id.hash("sesame")));
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        storage: { type: none }
        websocket: { maxAuthAttempts: 2 }
        auth:
          - { type: jwt, key: '%s', leeway: 0s }
          - { type: file, users: '%s', reportInvalidParameters: true }
        """
            .formatted(key, users);
    try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
      NodeSuite.run(
          Map.of(
              "MILLRACE_URL", "ws://127.0.0.1:" + server.port(), "MILLRACE_TOKEN_SECRET", secret),
          "login");
    }
  }

  private static void runAgainst(String storage, String... files) throws Exception {
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        auth: [ { type: none } ]
        record: { hotPathPrefixes: [hot/], storageExclusionPrefixes: [volatile/] }
        storage: %s
        """
            .formatted(storage);
    try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
      NodeSuite.run("ws://127.0.0.1:" + server.port(), files);
    }
  }
}
