package io.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.auth.Argon2id;
import io.millrace.server.endtoend.TestServer;
import io.millrace.server.http.HttpProbe.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what over HTTP: passwords of a file and rules of a file, over real connections. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessIT {
  private static final String RULES =
      """
      record:
        "*": { create: true, read: true, write: true, delete: "user.id === 'ann'", notify: false }
        "box/*": { read: false, create: true, write: true }
        "own/$owner": { write: "user.id === $owner", read: "user.id === $owner" }
        "gated/*": { write: "_('gate').open" }
        "broken": { read: "user.data.no.such" }
      event:
        "*": { publish: "data > 10", subscribe: true, listen: true }
        "late": { publish: "_('gate').open" }
      rpc:
        "*": { provide: true, request: false }
      presence:
        "*": { allow: false }
      """;

  private TestServer server;
  private HttpProbe http;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Path rules = Files.writeString(folder.resolve("permissions.yml"), RULES);
    Path users =
        Files.writeString(
            folder.resolve("users.yml"),
            """
            ann: { password: '%s', clientData: { colour: red } }
            bob: { password: '%s' }
            """
                .formatted(Argon2id.hash("sesame"), Argon2id.hash("simsim")));
    server =
        TestServer.with()
            .yaml("auth: [ { type: file, users: '" + users + "' } ]")
            .yaml("permission: { type: config, file: '" + rules + "' }")
            .start();
    http = new HttpProbe(server.port());
  }

  @AfterAll
  void stop() {
    http.close();
    server.close();
  }

  private static String basic(String user, String password) {
    String pair = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private Reply as(String user, String method, String path, String body) throws Exception {
    String login = basic(user, user.equals("ann") ? "sesame" : "simsim");
    return body.isEmpty()
        ? http.send(method, path, "", "authorization", login)
        : http.send(method, path, body, "authorization", login, "content-type", "application/json");
  }

  private JsonNode batch(String items) throws Exception {
    Reply reply =
        http.postBatch(
            """
            {"authData":{"username":"bob","password":"simsim"},"body":[%s]}\
            """
                .formatted(items));
    assertThat(reply.status()).isEqualTo(200);
    return reply.json().get("body");
  }

  private static String write(String record, String more) {
    return """
    {"topic":"record","action":"write","recordName":"%s","data":{"a":1}%s}\
    """
        .formatted(record, more);
  }

  @Test
  void whoIsNotKnownIsNotLetIn() throws Exception {
    String body = "[{\"topic\":\"presence\",\"action\":\"query\"}]";
    Reply wrong =
        http.postBatch(
            "{\"authData\":{\"username\":\"ann\",\"password\":\"x\"},\"body\":" + body + "}");
    Reply none = http.get("/api/v1/records/a");

    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.header("content-type")).startsWith("text/plain");
    assertThat(http.postBatch("{\"body\":" + body + "}").status()).isEqualTo(401);
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.header("www-authenticate")).contains("Bearer", "Basic");
    assertThat(none.header("content-type")).isEqualTo("application/problem+json");
    assertThat(http.get("/api/v1/records/a/stream", "authorization", basic("ann", "x")).status())
        .isEqualTo(401);
  }

  @Test
  void whoLogsInIsToldTheirData() throws Exception {
    Reply reply =
        http.send(
            "POST",
            "/api/auth",
            "{\"username\":\"ann\",\"password\":\"sesame\"}",
            "content-type",
            "application/json");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().at("/clientData/colour").asText()).isEqualTo("red");
  }

  @Test
  void whatIsDeniedFailsAtItsPlaceAndTheOthersAreDone() throws Exception {
    JsonNode results =
        batch(
            write("own/bob", "")
                + ","
                + write("own/ann", "")
                + ",{\"topic\":\"record\",\"action\":\"delete\",\"recordName\":\"own/bob\"},"
                + "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"own/bob\"},"
                + "{\"topic\":\"record\",\"action\":\"notify\",\"recordNames\":[\"own/bob\"]},"
                + "{\"topic\":\"rpc\",\"action\":\"make\",\"rpcName\":\"p\"},"
                + "{\"topic\":\"presence\",\"action\":\"query\"}");

    assertThat(results)
        .extracting(result -> result.get("success").booleanValue())
        .containsExactly(true, false, false, true, false, false, false);
    assertThat(results.at("/1/error").asText())
        .contains("Message denied. Action \"CREATEANDUPDATE\"");
    assertThat(results.at("/2/error").asText()).contains("Action \"DELETE\"");
    assertThat(results.at("/4/error").asText()).contains("Action \"NOTIFY\"");
    assertThat(results.at("/5/error").asText()).contains("Action \"REQUEST\"");
    assertThat(results.at("/6/error").asText()).contains("Action \"QUERY_ALL\"");
    assertThat(results.findValuesAsText("errorEvent"))
        .containsExactly("115", "115", "115", "107", "102");
  }

  @Test
  void rulesOfEventsSeeTheirData() throws Exception {
    JsonNode results =
        batch(
            """
            {"topic":"event","action":"emit","eventName":"e","data":11},
            {"topic":"event","action":"emit","eventName":"e","data":"12"},
            {"topic":"event","action":"emit","eventName":"e","data":9},
            {"topic":"event","action":"emit","eventName":"e"}\
            """);

    assertThat(results)
        .extracting(result -> result.get("success").booleanValue())
        .containsExactly(true, true, false, false);
    assertThat(results.at("/2/errorEvent").asText()).isEqualTo("MESSAGE_DENIED");
    assertThat(results.at("/2/errorAction").asText()).isEqualTo("emit");
  }

  /** The reference waits for its timeout here (protocol §11, 31). */
  @Test
  void anEventWhoseRuleMustReadARecordIsJudgedByWhatTheBatchWroteBefore() throws Exception {
    JsonNode results =
        batch(
            """
            {"topic":"record","action":"write","recordName":"gate","data":{"open":false}},
            {"topic":"event","action":"emit","eventName":"late"},
            {"topic":"record","action":"write","recordName":"gated/x","data":{}},
            {"topic":"record","action":"write","recordName":"gate","data":{"open":true}},
            {"topic":"event","action":"emit","eventName":"late"},
            {"topic":"record","action":"write","recordName":"gated/x","data":{}}\
            """);

    assertThat(results)
        .extracting(result -> result.get("success").booleanValue())
        .containsExactly(true, false, false, true, true, true);
  }

  /** P7: also a conflict must not show what may not be read. */
  @Test
  void whoMayWriteAndNotReadSeesNothingOfTheRecord() throws Exception {
    JsonNode results = batch(write("box/1", "") + "," + write("box/1", ",\"version\":1"));
    Reply put = as("bob", "PUT", "/api/v1/records/box/1", "{\"b\":2}");

    assertThat(results.at("/1/errorEvent").intValue()).isEqualTo(102);
    assertThat(results.get(1).has("currentData")).isFalse();
    assertThat(put.status()).isEqualTo(204);
    assertThat(put.header("etag")).isEmpty();
    assertThat(as("bob", "GET", "/api/v1/records/box/1", "").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /records/own/ann,",
    "HEAD,   /records/own/ann,",
    "GET,    /records/own/ann/stream,",
    "PUT,    /records/own/ann, {}",
    "DELETE, /records/any,",
    "GET,    /records/broken,",
    "POST,   /events/e, 9",
    "POST,   /rpc/p, {}",
    "GET,    /presence,",
  })
  void whatIsDeniedIsForbidden(String method, String path, String body) throws Exception {
    Reply reply = as("bob", method, "/api/v1" + path, body == null ? "" : body);

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.header("content-type")).isEqualTo("application/problem+json");
  }

  @Test
  void whatIsAllowedIsDone() throws Exception {
    assertThat(as("ann", "PUT", "/api/v1/records/own/ann", "{}").status()).isEqualTo(201);
    assertThat(as("ann", "GET", "/api/v1/records/own/ann", "").status()).isEqualTo(200);
    assertThat(as("ann", "DELETE", "/api/v1/records/own/ann", "").status()).isEqualTo(204);
    assertThat(as("bob", "POST", "/api/v1/events/e", "11").status()).isEqualTo(204);
  }
}
