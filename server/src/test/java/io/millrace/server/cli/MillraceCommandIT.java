package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.server.auth.AuthChain;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.auth.ConnectionData;
import io.millrace.server.auth.LoginAttempt;
import io.millrace.server.config.AuthConfig;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.http.HttpBindException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands as they are typed, with files but without a server. */
final class MillraceCommandIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private InputStream in = InputStream.nullInputStream();
  private final List<MillraceConfig> started = new ArrayList<>();
  private ServerStarter starter =
      config -> {
        started.add(config);
        throw new IllegalStateException("no server in this test", new IOException("disk full"));
      };

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "start --help", "demo --help", "config -h", "config show --help"})
  void helpIsASuccess(String arguments) {
    assertThat(run(arguments.split(" ", -1))).isEqualTo(0);
    assertThat(out.toString()).contains("Usage: millrace");
  }

  @Test
  void helpListsEveryCommand() {
    run("--help");

    assertThat(out.toString()).contains("start", "demo", "config");
  }

  @Test
  void theVersionNamesMillraceAndJava() {
    assertThat(run("--version")).isEqualTo(0);
    assertThat(out.toString()).startsWith("Millrace ").contains("Java " + Runtime.version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "config", "strat", "start --prot 1", "config check a", "start -c", "demo"})
  void wrongUsageIsToldFromFailure(String arguments) {
    assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1))).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
  }

  @Test
  void checkSaysThatAFileIsGood() throws IOException {
    Path file = file("server: { port: 1 }");

    assertThat(run("config", "check", "--config", file.toString())).isEqualTo(0);
    assertThat(out.toString()).isEqualToNormalizingNewlines(file + ": ok\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config check", "config show", "start"})
  void everyFaultIsALineAndNothingIsStarted(String command) throws IOException {
    Path file = file("server: { port: x }\nwebsocket: { maxAuthAttempts: 0 }\n");

    assertThat(run((command + " -c " + file).split(" ", -1))).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith(file.toString()));
    assertThat(out.toString()).isEmpty();
    assertThat(started).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"config check", "start"})
  void thePermissionFileIsCheckedWithTheConfiguration(String command) throws IOException {
    Path rules = Files.writeString(directory.resolve("rules.yml"), "record: {}\nevnt: {}\n");
    Path file = file("permission: { type: config, file: \"" + rules + "\" }\n");

    assertThat(run((command + " -c " + file).split(" ", -1))).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(5)
        .anyMatch(line -> line.startsWith(rules + ":2: evnt: is no section"));
    assertThat(started).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"config check", "start"})
  void filesOfUsersAndKeysAreCheckedWithTheConfiguration(String command) throws IOException {
    Path users = Files.writeString(directory.resolve("users.yml"), "lena: { password: secret }\n");
    Path key = directory.resolve("jwt.pem");
    Path file =
        file(
            """
            auth:
              - { type: file, users: "%s" }
              - { type: jwt, key: "%s" }
            """
                .formatted(users, key));

    assertThat(run((command + " -c " + file).split(" ", -1))).isEqualTo(2);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(users + ": the password of user \"lena\""),
            line -> assertThat(line).isEqualTo(key + ": there is no such file"));
    assertThat(err.toString()).doesNotContain("secret");
    assertThat(started).isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsAFault() {
    Path file = directory.resolve("none.yml");

    assertThat(run("config", "check", "-c", file.toString())).isEqualTo(2);
    assertThat(err.toString().strip()).isEqualTo(file + ": cannot be read: there is no such file");
    assertThat(run("config", "check", "-c", directory.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("it is a directory");
  }

  @Test
  void aFileThatIsNotTextIsAFault() throws IOException {
    Path file = Files.write(directory.resolve("a.yml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThat(run("config", "check", "-c", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("it is not UTF-8 text");
  }

  @Test
  void showPrintsWhatIsInForceWithoutSecrets() throws IOException {
    Path file =
        file("server:\n  port: ${PORT}\nkafka: { properties: { ssl.key.password: '${PW}' } }");

    assertThat(run("config", "show", "-c", file.toString())).isEqualTo(0);
    assertThat(out.toString())
        .startsWith("# from " + file)
        .contains("port: 7777", "ssl.key.password: '***'")
        .doesNotContain("hunter2");
  }

  @Test
  void hashPrintsAHashAndNothingElse() {
    assertThat(run("hash", "hunter2")).isEqualTo(0);
    assertThat(out.toString().strip()).matches("\\$argon2id\\$v=19\\$[^\\s]+");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void hashTakesThePasswordFromStandardInputToo() throws IOException {
    in = new ByteArrayInputStream("pässwörd\nnext line\n".getBytes(StandardCharsets.UTF_8));
    assertThat(run("hash")).isEqualTo(0);

    Path users = directory.resolve("users.yml");
    Files.writeString(users, "ann: { password: \"" + out.toString().strip() + "\" }");
    try (AuthChain chain = AuthChain.open(List.of(new AuthConfig.File(users, null, null)))) {
      ObjectNode login =
          JsonNodeFactory.instance.objectNode().put("username", "ann").put("password", "pässwörd");
      assertThat(
              chain.authenticate(
                  new LoginAttempt(login, new ConnectionData.Request(Map.of(), "/api/auth"))))
          .succeedsWithin(Duration.ofSeconds(60))
          .isInstanceOf(AuthOutcome.Accepted.class);
    }
  }

  @Test
  void anEmptyPasswordIsWrongUsage() {
    assertThat(run("hash", "")).isEqualTo(2);
    assertThat(run("hash")).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aStartWithoutAFileSaysThatTheDefaultsAreInForce() {
    assertThat(run("start")).isEqualTo(1);
    assertThat(out.toString()).startsWith("No --config: the built-in defaults are in force");
    assertThat(started).singleElement().extracting(c -> c.server().port()).isEqualTo(6020);
  }

  @Test
  void aFailedStartIsOneLineWithEveryCause() {
    assertThat(run("start")).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("millrace: cannot start: ")
        .contains("no server in this test", "disk full");
  }

  @Test
  void aPortInUseIsOneClearLine() {
    starter =
        config -> {
          BindException cause = new BindException("Address already in use");
          throw new IllegalStateException("x", new HttpBindException("0.0.0.0", 6020, cause));
        };

    assertThat(run("start")).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo("millrace: cannot listen on 0.0.0.0:6020: Address already in use");
  }

  @Test
  void anotherPortInUseIsNotTakenForTheClientsPort() {
    starter =
        config -> {
          throw new IllegalStateException(
              "the port of the node links cannot be opened",
              new BindException("Address already in use"));
        };

    assertThat(run("start")).isEqualTo(1);
    assertThat(err.toString().strip()).contains("node links").doesNotContain(":6020");
  }

  /** Not to the directory where the command happens to be typed. */
  @Test
  void filesThatTheConfigurationNamesAreRelativeToIt() throws IOException {
    Path file = file("permission: { type: config, file: rules.yml }");
    String star = "{ '*': { %s: true } }";
    Files.writeString(
        directory.resolve("rules.yml"),
        "record: %s\nevent: %s\nrpc: %s\npresence: %s\n"
            .formatted(
                star.formatted("read"),
                star.formatted("publish"),
                star.formatted("request"),
                star.formatted("allow")));

    assertThat(run("config", "check", "-c", file.toString())).isEqualTo(0);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("millrace.yml"), yaml);
  }

  private int run(String... arguments) {
    CommandLine commandLine =
        MillraceCommand.commandLine(
            config -> starter.start(config), Map.of("PORT", "7777", "PW", "hunter2"), in);
    return commandLine
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
