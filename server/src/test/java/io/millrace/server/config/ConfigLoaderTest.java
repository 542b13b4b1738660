package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConfigLoaderTest {

  @Test
  void aFileIsLaidOverTheDefaultsKeyByKey() {
    MillraceConfig config =
        ConfigLoader.parse("server: { port: 0, host: 127.0.0.1 }\nstorage: { type: none }");

    assertThat(config.server().port()).isZero();
    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.server().name()).isEqualTo("node-1");
    assertThat(config.storage().type()).isEqualTo(StorageConfig.Type.NONE);
  }

  @Test
  void aListReplacesTheDefaultAsAWhole() {
    MillraceConfig config =
        ConfigLoader.parse("websocket: { endpoints: [{ path: /other, format: binary }] }");

    assertThat(config.websocket().endpoints())
        .extracting(WebSocketConfig.Endpoint::path)
        .containsExactly("/other");
  }

  @Test
  void aKeyWithoutAValueKeepsItsDefault() {
    assertThat(ConfigLoader.parse("server:\nhttp: { path: }\nrpc: { ackTimeout: '' }"))
        .isEqualTo(ConfigLoader.defaults());
  }

  @Test
  void valuesAreReadAsTheTypeOfTheirKey() {
    MillraceConfig config =
        ConfigLoader.parse(
            """
            server: { name: 007, port: "8080" }
            websocket: { heartbeatInterval: 1500ms, unauthenticatedClientTimeout: 0s }
            http: { requestTimeout: 2h, maxBodySize: 4096, allowAuthData: false }
            record: { maxSize: 512KiB, hotPathPrefixes: [true, 1] }
            kafka: { properties: { linger.ms: 5, ssl.endpoint.identification.algorithm: "" } }
            """);

    assertThat(config.server().name()).isEqualTo("007");
    assertThat(config.server().port()).isEqualTo(8080);
    assertThat(config.websocket().heartbeatInterval()).isEqualTo(Duration.ofMillis(1500));
    assertThat(config.websocket().unauthenticatedClientTimeout()).isZero();
    assertThat(config.http().requestTimeout()).isEqualTo(Duration.ofHours(2));
    assertThat(config.http().maxBodySize()).isEqualTo(new DataSize(4096));
    assertThat(config.http().allowAuthData()).isFalse();
    assertThat(config.record().maxSize()).isEqualTo(new DataSize(512 * 1024));
    assertThat(config.record().hotPathPrefixes()).isEqualTo(List.of("true", "1"));
    assertThat(config.kafka().properties())
        .isEqualTo(Map.of("linger.ms", "5", "ssl.endpoint.identification.algorithm", ""));
  }

  @Test
  void environmentVariablesAreFilledIn() {
    String yaml =
        """
        server: { name: "${ZONE}-${NUMBER:1}", port: "${PORT:7000}" }
        storage: { path: "$${HOME}/${DIR:}x" }
        kafka: { bootstrapServers: "${KAFKA:}", properties: { sasl.password: "${PASSWORD}" } }
        """;

    var environment = Map.of("ZONE", "a", "NUMBER", "2", "PASSWORD", "p$1\\${ZONE}");

    assertThat(ConfigLoader.read("x", yaml, environment))
        .isInstanceOfSatisfying(
            ConfigResult.Loaded.class,
            loaded -> {
              assertThat(loaded.config().server().name()).isEqualTo("a-2");
              assertThat(loaded.config().server().port()).isEqualTo(7000);
              assertThat(loaded.config().storage().path()).isEqualTo("${HOME}/x");
              assertThat(loaded.config().kafka().bootstrapServers()).isNull();
              assertThat(loaded.config().kafka().properties())
                  .as("a variable's value is taken as it is")
                  .containsEntry("sasl.password", "p$1\\${ZONE}");
            });
  }

  @Test
  void aVariableThatIsNotSetAndHasNoDefaultIsAFault() {
    assertThat(ConfigLoader.read("x", "server:\n  name: a${NOPE}\n  host: ${a b}\n", Map.of()))
        .isEqualTo(
            new ConfigResult.Faulty(
                List.of(
                    new ConfigFault(
                        "x",
                        2,
                        "server.name",
                        "environment variable NOPE is not set; set it or write ${NOPE:default}"),
                    new ConfigFault(
                        "x",
                        3,
                        "server.host",
                        "has a ${ without a variable; write ${NAME}, ${NAME:default},"
                            + " or $${ for ${"))));
  }
}
