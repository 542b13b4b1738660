package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigNode.Mapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code conf/millrace.yml} is documentation and the defaults at once; it must not lie as either.
 */
final class DefaultsTest {

  @Test
  void theDefaultFileHasNoFault() {
    assertThat(ConfigLoader.load(null, Map.of())).isInstanceOf(ConfigResult.Loaded.class);
  }

  @Test
  void theDefaultFileNamesEveryKeyThatThereIs() {
    assertThat(Keys.all())
        .hasSizeGreaterThan(40)
        .allSatisfy(
            key ->
                assertThat(isNamed(ConfigLoader.defaultDocument(), key))
                    .as("%s is in conf/millrace.yml", key)
                    .isTrue());
  }

  @Test
  void everyKeyHasALineThatExplainsIt() {
    List<String> lines = ConfigLoader.defaultText().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      boolean isKeyOfItsOwn = line.matches("[a-zA-Z]+:( .*)?") && !isGroup(lines, i);
      if (isKeyOfItsOwn && !lines.get(i).startsWith("      ")) {
        assertThat(lines.get(i - 1).strip()).as("the line above \"%s\"", line).startsWith("#");
      }
    }
  }

  @Test
  void theDefaultsAreThoseOfTheDesign() {
    MillraceConfig config = ConfigLoader.defaults();

    assertThat(config.server())
        .isEqualTo(
            new ServerConfig(
                "node-1", "0.0.0.0", 6020, null, new ServerConfig.TlsConfig(null, null)));
    assertThat(config.websocket())
        .isEqualTo(
            new WebSocketConfig(
                List.of(
                    new WebSocketConfig.Endpoint("/deepstream", WebSocketConfig.Format.BINARY),
                    new WebSocketConfig.Endpoint("/deepstream-json", WebSocketConfig.Format.JSON)),
                Duration.ofSeconds(30),
                Duration.ofSeconds(180),
                3,
                new DataSize(1024 * 1024)));
    assertThat(config.listen().responseTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.storage())
        .isEqualTo(
            new StorageConfig(
                StorageConfig.Type.SQLITE,
                "data/millrace.db",
                null,
                null,
                null,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10)));
    assertThat(config.kafka().bootstrapServers()).isNull();
    assertThat(config.protection().rate().burst()).isNull();
  }

  @Test
  void theCommentedExampleIsAValidSourceWithEveryKey() {
    String example = exampleSource();

    KafkaConfig.Source source =
        ConfigLoader.parse("kafka:\n  bootstrapServers: b:1\n  sources:\n" + example)
            .kafka()
            .sources()
            .getFirst();

    assertThat(source.operation()).isEqualTo("patch");
    assertThat(source.path()).isEqualTo("seats.{item.seat}");
    assertThat(source.filter())
        .extracting(KafkaConfig.Condition::field)
        .containsExactly("payload.type", "header.tenant");
    assertThat(Keys.of(KafkaConfig.Condition.class))
        .allSatisfy(key -> assertThat(example).contains(key));
    assertThat(Keys.of(KafkaConfig.Source.class))
        .allSatisfy(key -> assertThat(example).containsPattern("[ -] " + key + ": "));
  }

  @Test
  void aSourceHasTheDefaultsThatTheExampleNames() {
    KafkaConfig.Source source =
        ConfigLoader.parse(
                "kafka: { bootstrapServers: b, sources: [{ name: s, topics: [t], record: r }] }")
            .kafka()
            .sources()
            .getFirst();

    assertThat(source)
        .isEqualTo(
            new KafkaConfig.Source(
                "s",
                List.of("t"),
                null,
                KafkaConfig.Envelope.NONE,
                null,
                List.of(),
                "r",
                "set",
                null,
                null,
                null,
                KafkaConfig.StartFrom.EARLIEST,
                null,
                new DataSize(8 << 20),
                KafkaConfig.Format.JSON,
                KafkaConfig.Format.TEXT,
                KafkaConfig.JsonRules.LOSSLESS));
    assertThat(exampleSource())
        .contains("delete or json-patch; default: set")
        .contains("or flattened; default: none")
        .contains("default: earliest")
        .contains("default: 8MiB");
  }

  @Test
  void theCommentedExamplesOfLoginsAreValidWithEveryKey() {
    String examples = exampleLogins();
    // Of key and jwks there may be one.
    String usable = examples.replaceAll("(?m)^ *jwks: .*$", "");

    List<AuthConfig> logins = ConfigLoader.parse("auth:\n" + usable).auth();

    assertThat(logins)
        .extracting(AuthConfig::getClass)
        .isEqualTo(List.of(AuthConfig.File.class, AuthConfig.Jwt.class, AuthConfig.Http.class));
    for (Class<?> type : Variants.of(AuthConfig.class)) {
      assertThat(Keys.of(type))
          .allSatisfy(key -> assertThat(examples).containsPattern("[ -] " + key + ": "));
    }
    assertThat(Keys.of(AuthConfig.Pbkdf2.class))
        .allSatisfy(key -> assertThat(examples).containsPattern(" {6}" + key + ": "));
  }

  @Test
  void loginsHaveTheDefaultsThatTheExamplesName() {
    assertThat(
            ConfigLoader.parse(
                    "auth: [{ type: file, users: u }, { type: jwt, key: k }, { type: http,"
                        + " endpointUrl: 'http://a' }]")
                .auth())
        .containsExactly(
            new AuthConfig.File(Path.of("u"), null, null),
            new AuthConfig.Jwt(
                Path.of("k"),
                null,
                null,
                null,
                Duration.ofSeconds(10),
                "sub",
                "clientData",
                "serverData",
                null),
            new AuthConfig.Http(
                "http://a",
                List.of(200),
                Duration.ofSeconds(2),
                List.of(),
                List.of(),
                0,
                Duration.ofSeconds(1),
                null));
    assertThat(exampleLogins().lines().map(line -> line.replaceAll(" {2,}", " ").strip()))
        .anyMatch(line -> line.startsWith("leeway: 10s") && line.endsWith("default: 10s"))
        .anyMatch(line -> line.startsWith("idClaim: ") && line.endsWith("default: sub"))
        .anyMatch(
            line -> line.startsWith("clientDataClaim") && line.endsWith("default: clientData"))
        .anyMatch(
            line -> line.startsWith("serverDataClaim") && line.endsWith("default: serverData"))
        .anyMatch(line -> line.startsWith("permittedStatus") && line.endsWith("default: [200]"))
        .anyMatch(line -> line.startsWith("requestTimeout: ") && line.endsWith("default: 2s"))
        .anyMatch(line -> line.startsWith("promoteToHeader: ") && line.endsWith("default: []"))
        .anyMatch(line -> line.startsWith("retryStatusCodes: ") && line.endsWith("default: []"))
        .anyMatch(line -> line.startsWith("retryAttempts: ") && line.endsWith("default: 0"))
        .anyMatch(line -> line.startsWith("retryInterval: ") && line.endsWith("default: 1s"));
  }

  private static String exampleLogins() {
    String examples =
        ConfigLoader.defaultText()
            .lines()
            .filter(line -> line.startsWith("#  "))
            .map(line -> line.replaceFirst("#", " "))
            .collect(Collectors.joining("\n"));
    assertThat(examples).contains("- type: file", "- type: jwt", "- type: http");
    return examples;
  }

  private static String exampleSource() {
    String example =
        ConfigLoader.defaultText()
            .lines()
            .filter(line -> line.startsWith("  #  "))
            .map(line -> line.replaceFirst("#", " "))
            .collect(Collectors.joining("\n"));
    assertThat(example).contains("- name: seats");
    return example;
  }

  private static boolean isNamed(Mapping document, String key) {
    int dot = key.indexOf('.');
    if (dot < 0) {
      return document.entries().containsKey(key);
    }
    return document.entries().get(key.substring(0, dot)) instanceof Mapping below
        && isNamed(below, key.substring(dot + 1));
  }

  /** A key with nothing but further keys below it. */
  private static boolean isGroup(List<String> lines, int index) {
    return lines.get(index).endsWith(":")
        && index + 1 < lines.size()
        && !lines.get(index + 1).isBlank()
        && indent(lines.get(index + 1)) > indent(lines.get(index));
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }
}
