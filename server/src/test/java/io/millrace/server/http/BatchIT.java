package io.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.TestServer;
import io.millrace.server.http.HttpProbe.Reply;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The batch and login endpoints over real connections (protocol §7). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BatchIT {
  private TestServer server;
  private HttpProbe http;

  @BeforeAll
  void start() {
    server = TestServer.with().yaml("http: { maxBodySize: 64KiB, requestTimeout: 60s }").start();
    http = new HttpProbe(server.port());
  }

  @AfterAll
  void stop() {
    http.close();
    server.close();
  }

  private static String write(String name, String data, int version) {
    return """
    {"topic":"record","action":"write","recordName":"%s","data":%s,"version":%d}\
    """
        .formatted(name, data, version);
  }

  private static String item(String action, String name) {
    return """
    {"topic":"record","action":"%s","recordName":"%s"}\
    """
        .formatted(action, name);
  }

  @Test
  void writesMakeVersionsAndReadsSeeWhatWasWrittenBeforeThem() throws Exception {
    JsonNode reply =
        http.batch(
            String.join(
                ",",
                write("seq", "{\"a\":1}", 1),
                item("read", "seq"),
                write("seq", "[1,2]", 2),
                item("head", "seq"),
                write("seq", "{\"b\":2}", -1),
                item("read", "seq"),
                item("delete", "seq"),
                item("head", "seq")));

    assertThat(reply.get("result").asText()).isEqualTo("SUCCESS");
    assertThat(reply.get("body"))
        .extracting(JsonNode::toString)
        .containsExactly(
            "{\"success\":true}",
            "{\"success\":true,\"version\":1,\"data\":{\"a\":1}}",
            "{\"success\":true}",
            "{\"success\":true,\"version\":2}",
            "{\"success\":true}",
            "{\"success\":true,\"version\":3,\"data\":{\"b\":2}}",
            "{\"success\":true}",
            "{\"success\":true,\"version\":-1}");
  }

  @Test
  void aPathOfARecordIsWritten() throws Exception {
    JsonNode reply =
        http.batch(
            """
            {"topic":"record","action":"write","recordName":"path","path":"a.b[1]","data":null},
            {"topic":"record","action":"read","recordName":"path"}\
            """);

    assertThat(reply.at("/body/1/data")).hasToString("{\"a\":{\"b\":[null,null]}}");
    assertThat(reply.at("/body/1/version").intValue()).isEqualTo(1);
  }

  @Test
  void aRepeatedVersionFailsWithWhatIsThere() throws Exception {
    JsonNode reply = http.batch(write("twice", "{\"n\":1}", 1) + "," + write("twice", "{}", 1));

    assertThat(reply.get("result").asText()).isEqualTo("PARTIAL_SUCCESS");
    JsonNode conflict = reply.at("/body/1");
    assertThat(conflict.get("success").booleanValue()).isFalse();
    assertThat(conflict.get("errorTopic").asText()).isEqualTo("record");
    assertThat(conflict.get("errorEvent").intValue()).isEqualTo(102);
    assertThat(conflict.get("error").asText()).contains("Record update failed", "Version 1 exists");
    assertThat(conflict.get("currentVersion").intValue()).isEqualTo(1);
    assertThat(conflict.get("currentData")).hasToString("{\"n\":1}");
  }

  @Test
  void aVersionThatIsAheadFailsWithWhatIsThereAndNotWithWhatWasSent() throws Exception {
    JsonNode reply =
        http.batch(write("ahead", "{\"n\":1}", 0) + "," + write("ahead", "{\"n\":2}", 9));

    JsonNode gap = reply.at("/body/1");
    assertThat(gap.get("errorEvent").intValue()).isEqualTo(108);
    assertThat(gap.get("error").asText())
        .contains("Record update failed", "is not valid for record");
    assertThat(gap.get("currentVersion").intValue()).isEqualTo(1);
    assertThat(gap.get("currentData")).hasToString("{\"n\":1}");
  }

  @Test
  void aMissingRecordIsNotFound() throws Exception {
    JsonNode reply =
        http.batch(
            item("read", "nowhere")
                + ",{\"topic\":\"list\",\"action\":\"read\",\"listName\":\"no\"}");

    assertThat(reply.get("result").asText()).isEqualTo("FAILURE");
    for (JsonNode missing : reply.get("body")) {
      assertThat(missing.get("errorTopic").asText()).isEqualTo("record");
      assertThat(missing.get("errorEvent").intValue()).isEqualTo(107);
      assertThat(missing.get("error").asText()).contains("could not be found");
    }
  }

  @Test
  void anInvalidPathIsARefusedWrite() throws Exception {
    JsonNode reply =
        http.batch(
            """
            {"topic":"record","action":"write","recordName":"p","path":"__proto__.x","data":1}\
            """);

    assertThat(reply.at("/body/0/errorEvent").intValue()).isEqualTo(116);
    assertThat(reply.at("/body/0/errorParams").asText()).isEqualTo("p");
  }

  @Test
  void listsAreRecordsOfStrings() throws Exception {
    JsonNode reply =
        http.batch(
            """
            {"topic":"list","action":"write","listName":"l","data":["a","b"]},
            {"topic":"list","action":"read","listName":"l"},
            {"topic":"list","action":"delete","listName":"l"},
            {"topic":"record","action":"head","recordName":"l"}\
            """);

    assertThat(reply.at("/body/1/data")).hasToString("[\"a\",\"b\"]");
    assertThat(reply.at("/body/3/version").intValue()).isEqualTo(-1);
  }

  @Test
  void oneBadItemRefusesTheBatchBeforeAnythingIsDone() throws Exception {
    Reply reply =
        http.postBatch(
            "{\"body\":["
                + write("untouched", "{}", 1)
                + ",{\"topic\":\"list\",\"action\":\"write\",\"listName\":\"l\",\"data\":[1]}]}");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("Failed to parse JIF object at index 1");
    assertThat(reply.header("content-type")).isEqualTo("text/plain; charset=utf-8");
    assertThat(http.batch(item("head", "untouched")).at("/body/0/version").intValue())
        .isEqualTo(-1);
  }

  @Test
  void fiveThousandEmitsOfOneBatchAllReachAReader() throws Exception {
    try (TestServer large = TestServer.start();
        HttpProbe caller = new HttpProbe(large.port());
        ScriptedClient reader = large.client(Duration.ofSeconds(60))) {
      reader.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("e"), "0"));
      reader.await(EventPush.Ack.class);
      String emits =
          IntStream.range(0, 5_000)
              .mapToObj(
                  i ->
                      "{\"topic\":\"event\",\"action\":\"emit\",\"eventName\":\"e\",\"data\":"
                          + i
                          + "}")
              .collect(Collectors.joining(","));

      JsonNode reply = caller.batch(emits);

      assertThat(reply.get("result").asText()).isEqualTo("SUCCESS");
      assertThat(reply.get("body")).hasSize(5_000);
      for (int i = 0; i < 5_000; i++) {
        assertThat(reader.await(EventPush.Emit.class))
            .isEqualTo(new EventPush.Emit("e", new JsonText(Integer.toString(i))));
      }
    }
  }

  @Test
  void notificationsAreAcknowledged() throws Exception {
    JsonNode reply =
        http.batch(
            """
            {"topic":"record","action":"notify","recordNames":["x","y"]},
            {"topic":"record","action":"notify","recordNames":[]}\
            """);

    assertThat(reply.get("result").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void presenceTellsWhoIsOnline() throws Exception {
    JsonNode reply =
        http.batch(
            """
            {"topic":"presence","action":"query"},
            {"topic":"presence","action":"query","names":["nobody"]}\
            """);

    assertThat(reply.at("/body/0")).hasToString("{\"success\":true,\"users\":[]}");
    assertThat(reply.at("/body/1")).hasToString("{\"success\":true,\"users\":{\"nobody\":false}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{}",
        "{\"body\":{}}",
        "{\"body\":[]}",
        "{\"token\":\"\",\"body\":[{}]}",
        "{\"token\":7,\"body\":[{}]}",
        "{\"authData\":7,\"body\":[{}]}",
      })
  void whatIsNoBatchIsABadRequest(String body) throws Exception {
    assertThat(http.postBatch(body).status()).isEqualTo(400);
  }

  @Test
  void tooMuchAndTooDeepAreBadRequests() throws Exception {
    assertThat(http.postBatch("{\"x\":\"" + "y".repeat(70_000) + "\"}").status()).isEqualTo(400);
    assertThat(http.postBatch("{\"body\":" + "[".repeat(30_000)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /api,      400",
    "PUT,    /api,      405",
    "DELETE, /api/auth, 405",
    "GET,    /api/auth, 405",
    "GET,    /api/v2,   404",
    "GET,    /nothing,  404",
    "POST,   /nothing,  405",
    "GET,    /health-check, 200",
    "GET,    /health/ready, 200",
    "GET,    /metrics,  200",
  })
  void otherRequestsHaveTheirStatus(String method, String path, int status) throws Exception {
    assertThat(http.send(method, path, "").status()).isEqualTo(status);
  }

  @Test
  void anotherContentTypeIsRefused() throws Exception {
    assertThat(http.send("POST", "/api", "{}", "content-type", "text/plain").status())
        .isEqualTo(415);
    assertThat(
            http.send("POST", "/api", "{}", "content-type", "application/json; charset=utf-8")
                .status())
        .isEqualTo(400);
  }

  @Test
  void everyOriginMayCallUnlessSomeAreListed() throws Exception {
    Reply reply = http.postBatch("{\"body\":[" + item("head", "x") + "]}");

    assertThat(reply.header("access-control-allow-origin")).isEqualTo("*");
    assertThat(
            http.send(
                    "OPTIONS",
                    "/api",
                    "",
                    "access-control-request-method",
                    "POST",
                    "access-control-request-headers",
                    "Content-Type")
                .status())
        .isEqualTo(204);
    assertThat(http.send("OPTIONS", "/api", "").status()).isEqualTo(400);
    assertThat(
            http.send(
                    "OPTIONS",
                    "/api",
                    "",
                    "access-control-request-method",
                    "DELETE",
                    "access-control-request-headers",
                    "Content-Type")
                .status())
        .isEqualTo(403);
  }

  @Test
  void whoLogsInIsTold() throws Exception {
    Reply reply =
        http.send("POST", "/api/auth", "{\"username\":\"u\"}", "content-type", "application/json");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).isEqualTo("application/json; charset=utf-8");
    assertThat(reply.json().isObject()).isTrue();
  }

  @Test
  void whatHasNoAnswerInTimeFailsAndSoDoesWhatComesAfterIt() throws Exception {
    try (TestServer impatient =
            TestServer.with()
                .yaml("http: { requestTimeout: 3s }")
                .yaml("rpc: { ackTimeout: 60s, responseTimeout: 90s }")
                .start();
        HttpProbe caller = new HttpProbe(impatient.port());
        ScriptedClient provider = impatient.client()) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("silent"), "0"));
      provider.await(RpcPush.Ack.class);

      JsonNode reply =
          caller.batch(
              write("before", "{}", 1)
                  + ",{\"topic\":\"rpc\",\"action\":\"make\",\"rpcName\":\"silent\"},"
                  + write("after", "{}", 1)
                  + ","
                  + item("head", "after"));

      assertThat(reply.get("result").asText()).isEqualTo("PARTIAL_SUCCESS");
      for (int late = 1; late <= 3; late++) {
        assertThat(reply.at("/body/" + late + "/errorTopic").asText()).isEqualTo("connection");
        assertThat(reply.at("/body/" + late + "/errorEvent").asText())
            .isEqualTo("HTTP_REQUEST_TIMEOUT");
      }
      assertThat(caller.batch(item("head", "after")).at("/body/0/version").intValue())
          .isEqualTo(-1);
    }
  }

  @Test
  void onlyListedOriginsMayCall() throws Exception {
    String cors = "http: { cors: { allowAllOrigins: false, origins: [https://good.example] } }";
    try (TestServer strict = TestServer.with().yaml(cors).start();
        HttpProbe caller = new HttpProbe(strict.port())) {
      Reply good = caller.get("/api/v1/presence", "origin", "https://good.example");

      assertThat(good.status()).isEqualTo(200);
      assertThat(good.header("access-control-allow-origin")).isEqualTo("https://good.example");
      assertThat(good.header("access-control-allow-credentials")).isEqualTo("true");
      assertThat(good.header("vary")).isEqualTo("Origin");
      assertThat(caller.get("/api/v1/presence", "origin", "https://bad.example").status())
          .isEqualTo(403);
      assertThat(caller.get("/api", "referer", "https://good.example/page").status())
          .isEqualTo(400);
      assertThat(caller.get("/api", "referer", "https://good.example.evil/page").status())
          .isEqualTo(403);
      // A browser always says where it comes from; the batch endpoint has always asked all others.
      assertThat(caller.get("/api").status()).isEqualTo(403);
      assertThat(caller.get("/api/v1/presence").status()).isEqualTo(200);
    }
  }

  /** Somebody changes the database by hand, and says so. */
  @Test
  void aNotificationBringsWhatWasChangedInStorage(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("millrace.db");
    try (TestServer stored = TestServer.with().sqlite(file).start();
        HttpProbe caller = new HttpProbe(stored.port());
        ScriptedClient reader = stored.client()) {
      caller.batch(write("changed", "{\"by\":\"us\"}", 1) + "," + write("removed", "{}", 1));
      follow(reader, "changed");
      follow(reader, "removed");
      try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = database.createStatement()) {
        statement.executeUpdate(
            "update records set data = '{\"by\":\"hand\"}', version = 5 where name = 'changed'");
        statement.executeUpdate("delete from records where name = 'removed'");
      }

      JsonNode reply =
          caller.batch(
              """
              {"topic":"record","action":"notify","recordNames":["changed","removed"]},
              {"topic":"record","action":"read","recordName":"changed"},
              {"topic":"record","action":"head","recordName":"removed"}\
              """);

      assertThat(reply.at("/body/0")).hasToString("{\"success\":true}");
      assertThat(reply.at("/body/1/data")).hasToString("{\"by\":\"hand\"}");
      assertThat(reply.at("/body/2/version").intValue()).isEqualTo(-1);
      assertThat(reader.await(RecordPush.Update.class).data().text()).contains("hand");
      assertThat(reader.await(RecordPush.Deleted.class).name().value()).isEqualTo("removed");
    }
  }

  private static void follow(ScriptedClient client, String record) {
    client.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(record)), "0"));
    client.await(RecordPush.ReadResponse.class);
  }
}
