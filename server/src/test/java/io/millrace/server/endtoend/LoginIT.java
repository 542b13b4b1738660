package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.sun.net.httpserver.HttpServer;
import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.Argon2id;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins through a real server (protocol §2.2). */
final class LoginIT {
  private static final String SECRET = "a secret that is long enough for it";

  @TempDir private Path directory;

  private TestServer server(String... entries) {
    return TestServer.with().yaml("auth: [ " + String.join(", ", entries) + " ]").start();
  }

  private String users() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("users.yml"),
            "ann: { password: '%s', clientData: { colour: red } }\n"
                .formatted(Argon2id.hash("sesame")));
    return "{ type: file, users: '" + file + "' }";
  }

  private String tokens() throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), SECRET + "\n");
    return "{ type: jwt, key: '" + file + "', leeway: 0s }";
  }

  private static String token(Instant expiresAt) throws JOSEException {
    JWSObject token =
        new JWSObject(
            new JWSHeader(JWSAlgorithm.HS256),
            new Payload(
                "{\"sub\":\"ann\",\"exp\":%d.%03d}"
                    .formatted(expiresAt.getEpochSecond(), expiresAt.getNano() / 1_000_000)));
    token.sign(new MACSigner(SECRET.getBytes(StandardCharsets.US_ASCII)));
    return "{\"token\":\"" + token.serialize() + "\"}";
  }

  private static AuthReply tries(ScriptedClient client, String json) {
    client.send(new AuthRequest.Login(new JsonText(json)));
    return client.await(AuthReply.class);
  }

  private static AuthReply reply(AuthAction action, @Nullable String data) {
    return new AuthReply(action, data == null ? null : new JsonText(data));
  }

  private static AuthReply refused(@Nullable String data) {
    return reply(AuthAction.AUTH_UNSUCCESSFUL, data);
  }

  @Test
  void theRightPasswordLetsInAndBringsTheClientsData() throws Exception {
    try (TestServer server = server(users());
        ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
      assertThat(tries(client, "{\"username\":\"ann\",\"password\":\"sesame\"}"))
          .isEqualTo(reply(AuthAction.AUTH_SUCCESSFUL, "{\"colour\":\"red\"}"));
      assertThat(client.roundTrip()).isEmpty();
    }
  }

  @Test
  void wrongOnesAreTriedSoOftenAndNoMore() throws Exception {
    try (TestServer server = server(users());
        ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
      assertThat(tries(client, "{}"))
          .isEqualTo(refused("{\"error\":\"missing authentication parameter username\"}"));
      assertThat(tries(client, "{\"username\":\"eve\",\"password\":\"sesame\"}"))
          .isEqualTo(refused(null));
      assertThat(tries(client, "{\"username\":\"ann\",\"password\":\"Sesame\"}"))
          .isEqualTo(refused(null));
      assertThat(client.await(AuthReply.class))
          .isEqualTo(reply(AuthAction.TOO_MANY_AUTH_ATTEMPTS, null));
      assertThat(client.closed().get(60, TimeUnit.SECONDS).code()).isEqualTo(1005);
    }
  }

  @Test
  void severalWaysAreTriedInTheirOrder() throws Exception {
    try (TestServer server = server(tokens(), users(), "{ type: none }")) {
      try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
        assertThat(tries(client, "{\"username\":\"ann\",\"password\":\"sesame\"}").data())
            .isEqualTo(new JsonText("{\"colour\":\"red\"}"));
      }
      try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
        assertThat(tries(client, token(Instant.now().plusSeconds(60))))
            .isEqualTo(reply(AuthAction.AUTH_SUCCESSFUL, null));
      }
      try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
        assertThat(tries(client, "{}")).isEqualTo(reply(AuthAction.AUTH_SUCCESSFUL, null));
      }
    }
  }

  @Test
  void aTokenThatIsOverEndsTheSessionAndLetsNobodyIn() throws Exception {
    try (TestServer server = server(tokens())) {
      String token = "";
      // As short as can be: it has to be good until the login is through.
      for (int seconds = 2; seconds < 60; seconds *= 3) {
        token = token(Instant.now().plusSeconds(seconds));
        try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
          if (tries(client, token).action() != AuthAction.AUTH_SUCCESSFUL) {
            continue;
          }
          assertThat(client.closed().get(60, TimeUnit.SECONDS))
              .isEqualTo(new ScriptedClient.Closed(4401, "TOKEN_EXPIRED"));
          break;
        }
      }
      try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
        assertThat(tries(client, token)).isEqualTo(refused("{\"error\":\"TOKEN_EXPIRED\"}"));
        // The same socket may bring a better one.
        assertThat(tries(client, token(Instant.now().plusSeconds(60))))
            .isEqualTo(reply(AuthAction.AUTH_SUCCESSFUL, null));
      }
    }
  }

  @Test
  void aWebhookIsToldWhereALoginComesFrom() throws Exception {
    List<String> questions = new CopyOnWriteArrayList<>();
    HttpServer webhook =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    webhook.createContext(
        "/",
        exchange -> {
          try (exchange) {
            questions.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer =
                "{\"id\":\"ann\",\"clientData\":7,\"token\":\"t\"}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    webhook.start();
    try (TestServer server =
            server(
                "{ type: http, endpointUrl: 'http://127.0.0.1:%d/', requestTimeout: 60s }"
                    .formatted(webhook.getAddress().getPort()));
        ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
      assertThat(tries(client, "{\"a\":1}")).isEqualTo(reply(AuthAction.AUTH_SUCCESSFUL, "7"));

      var question = Json.parse(questions.getFirst()).orElseThrow();
      assertThat(question.at("/connectionData/remoteAddress").asText()).isEqualTo("127.0.0.1");
      assertThat(question.at("/connectionData/headers/upgrade").asText()).isEqualTo("websocket");
      assertThat(question.get("authData").toString()).isEqualTo("{\"a\":1}");

      assertThat(post(server, "{\"b\":2}")).isEqualTo("{\"token\":\"t\",\"clientData\":7}");
      question = Json.parse(questions.getLast()).orElseThrow();
      assertThat(question.at("/connectionData/url").asText()).isEqualTo("/api/auth");
      assertThat(question.at("/connectionData/headers/content-type").asText())
          .isEqualTo("application/json");
      assertThat(question.at("/connectionData").has("remoteAddress")).isFalse();
    } finally {
      webhook.stop(0);
    }
  }

  private static String post(TestServer server, String json) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/api/auth"))
                  .header("content-type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(json))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void aServerWhoseUsersHaveClearTextPasswordsDoesNotStart() throws Exception {
    Path file = Files.writeString(directory.resolve("users.yml"), "ann: { password: hunter2 }");
    assertThatThrownBy(() -> server("{ type: file, users: '" + file + "' }"))
        .hasMessageContaining("bin/millrace hash")
        .hasMessageNotContaining("hunter2");
  }
}
