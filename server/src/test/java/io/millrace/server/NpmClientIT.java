package io.millrace.server;

import io.millrace.server.auth.Argon2id;
import io.millrace.server.config.ConfigLoader;
import io.millrace.testkit.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified npm client against one server, without and with storage. */
final class NpmClientIT {
  /** "password" (protocol §8.2): cheap to check, where it is not the login that is tested. */
  private static final String PASSWORD =
      "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=GS4SbTQYmoaGwjm2shEobg==";

  static final String PBKDF2 = "{ digest: md5, iterations: 100, keyLength: 32 }";

  @Test
  void theNpmClientFindsEverythingInPlace() throws Exception {
    runAgainst(
        "{ type: none }",
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
  void theNpmClientFindsRecordsInPlaceWithSqlite(@TempDir Path folder) throws Exception {
    runAgainst(
        "{ type: sqlite, path: '" + folder.resolve("millrace.db") + "' }",
        "http",
        "record-",
        "wire-record-");
  }

  @Test
  void theNpmClientFindsRecordsInPlaceWithPostgres() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
      runAgainst(
          "{ type: postgres, url: '%s', user: '%s', password: '%s' }"
              .formatted(postgres.url(), postgres.user(), postgres.password()),
          "http",
          "record-",
          "wire-record-");
    }
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
          "listening",
          "presence",
          "record-",
          "rpc",
          "wire-record-");
    }
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
    // The number of attempts that a format allows.
    for (var allowed : Map.of("binary", "2", "json", "3").entrySet()) {
      String yaml =
          """
          server: { host: 127.0.0.1, port: 0 }
          storage: { type: none }
          websocket: { maxAuthAttempts: %s }
          auth:
            - { type: jwt, key: '%s', leeway: 0s }
            - { type: file, users: '%s', reportInvalidParameters: true }
          """
              .formatted(allowed.getValue(), key, users);
      try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
        NodeSuite.run(
            url(server),
            Map.of(
                "MILLRACE_FORMAT", allowed.getKey(),
                "MILLRACE_MAX_AUTH_ATTEMPTS", allowed.getValue(),
                "MILLRACE_TOKEN_SECRET", secret),
            "login.");
      }
    }
  }

  @Test
  void theNpmClientHasToLogInInTime(@TempDir Path folder) throws Exception {
    Path users = Files.writeString(folder.resolve("users.yml"), users(Map.of("ann", "user")));
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        storage: { type: none }
        websocket: { unauthenticatedClientTimeout: 5s }
        auth: [ { type: file, users: '%s', pbkdf2: %s } ]
        """
            .formatted(users, PBKDF2);
    try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
      NodeSuite.run(url(server), Map.of("MILLRACE_LOGIN_TIMEOUT", "5s"), "login-timeout");
    }
  }

  @Test
  void theNpmClientMayDoWhatTheRulesSay(@TempDir Path folder) throws Exception {
    Path users =
        Files.writeString(
            folder.resolve("users.yml"),
            users(Map.of("root", "admin", "ann", "user", "bob", "user")));
    Path rules = Files.copy(NodeSuite.file("permissions.yml"), folder.resolve("permissions.yml"));
    String yaml =
        """
        server: { host: 127.0.0.1, port: 0 }
        storage: { type: none }
        auth: [ { type: file, users: '%s', pbkdf2: %s }, { type: none } ]
        permission: { type: config, file: '%s' }
        """
            .formatted(users, PBKDF2, rules);
    try (Assembly server = Assembly.start(ConfigLoader.parse(yaml))) {
      for (String format : List.of("binary", "json")) {
        NodeSuite.run(
            url(server),
            Map.of("MILLRACE_FORMAT", format, "MILLRACE_PERMISSION_FILE", rules.toString()),
            "permission");
      }
    }
  }

  /** A user file: names and roles; the password is "password". */
  static String users(Map<String, String> roles) {
    StringBuilder users = new StringBuilder();
    roles.forEach(
        (name, role) ->
            users.append(
                "%s: { password: '%s', serverData: { role: %s } }%n"
                    .formatted(name, PASSWORD, role)));
    return users.toString();
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
        listen: { shuffleProviders: false, responseTimeout: 2s }
        rpc: { ackTimeout: 2s, responseTimeout: 4s }
        storage: %s
        """
            .formatted(storage);
    return Assembly.start(ConfigLoader.parse(yaml));
  }
}
