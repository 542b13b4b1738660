package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigPrinterTest {

  @Test
  void whatIsPrintedReadsBackAsTheSame() {
    MillraceConfig config =
        ConfigLoader.parse(
            """
            server: { name: "null", host: "::1", port: 0 }
            websocket: { heartbeatInterval: 90s, unauthenticatedClientTimeout: 0s, maxMessageSize: 1025 }
            rpc: { ackTimeout: 1500ms }
            tracing: { sampling: 0.00001, serviceName: m }
            record: { hotPathPrefixes: ["a: b", "#c", "true", "- d", "$${e}"] }
            kafka:
              bootstrapServers: localhost:9092
              properties: { a.b: "", c: "x: y" }
              sources: [{ name: s, topics: [t], record: "v/{key}", data: payload.a.b }]
            """);

    assertThat(ConfigLoader.parse(ConfigPrinter.print(config))).isEqualTo(config);
    assertThat(ConfigLoader.parse(ConfigPrinter.print(ConfigLoader.defaults())))
        .isEqualTo(ConfigLoader.defaults());
  }

  @Test
  void waysToLogInReadBackAsTheSame() {
    MillraceConfig config =
        ConfigLoader.parse(
            """
            auth:
              - { type: file, users: u.yml, pbkdf2: { digest: sha512, iterations: 9, keyLength: 64 } }
              - { type: jwt, key: k.pem, issuer: "https://a/", leeway: 0s, reportInvalidParameters: true }
              - { type: http, endpointUrl: "http://a/b", retryStatusCodes: [404, 504], retryAttempts: 2 }
              - { type: none }
            """);

    assertThat(ConfigLoader.parse(ConfigPrinter.print(config))).isEqualTo(config);
  }

  @Test
  void keysInTheQueryOfUrlsAreMasked() {
    String printed =
        ConfigPrinter.print(
            ConfigLoader.parse(
                "auth: [{ type: http, endpointUrl: 'https://me:hunter@a/b?key=hunter2&x#f' },"
                    + " { type: jwt, jwks: 'https://c/d?key=hunter3' }]"));

    assertThat(printed)
        .contains("endpointUrl: https://***@a/b?***#f")
        .contains("jwks: https://c/d?***")
        .doesNotContain("hunter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config",
        "ssl.key.password",
        "sasl.oauthbearer.client.credentials.client.secret",
        "ssl.keystore.key",
        "basic.auth.user.info",
        "MY_TOKEN"
      })
  void secretsAreMasked(String key) {
    String printed =
        ConfigPrinter.print(
            ConfigLoader.parse("kafka: { properties: { %s: hunter2 } }".formatted(key)));

    assertThat(printed).contains(key + ": '***'").doesNotContain("hunter2");
  }

  @Test
  void headersForACollectorAreMasked() {
    MillraceConfig config =
        ConfigLoader.parse(
            "tracing: { headers: { authorization: Bearer hunter2, x-team: hunter3 } }");

    assertThat(ConfigPrinter.print(config))
        .contains("authorization: '***'", "x-team: '***'")
        .doesNotContain("hunter");
    assertThat(config.toString()).doesNotContain("hunter");
  }

  @Test
  void usersInUrlsAreMasked() {
    String printed =
        ConfigPrinter.print(
            ConfigLoader.parse(
                "kafka: { properties: { a: 'http://me:hun@ter2@host:1/a@b', b: 'x@example.com' }"
                    + " }"));

    assertThat(printed)
        .contains("a: http://***@host:1/a@b")
        .contains("b: x@example.com")
        .doesNotContain("hun");
  }

  @Test
  void thePasswordOfTheStorageIsMaskedAndItsSettingsAreNot() {
    MillraceConfig config =
        ConfigLoader.parse(
            "storage: { type: postgres, user: me, password: hunter2,"
                + " url: 'jdbc:postgresql://a/b?sslmode=require&sslpassword=hunter3&x=y' }");

    assertThat(ConfigPrinter.print(config))
        .contains("user: me", "url: jdbc:postgresql://a/b?sslmode=require&sslpassword=***&x=y")
        .doesNotContain("hunter");
    assertThat(config.toString()).doesNotContain("hunter");
  }
}
