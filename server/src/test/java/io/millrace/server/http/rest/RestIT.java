package io.millrace.server.http.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.TestServer;
import io.millrace.server.http.HttpProbe;
import io.millrace.server.http.HttpProbe.Reply;
import io.millrace.testkit.ScriptedClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records, events, procedures and presence as resources, over real connections. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestIT {
  private static final String MERGE = "application/merge-patch+json";
  private static final String OPERATIONS = "application/json-patch+json";

  private TestServer server;
  private HttpProbe http;

  @BeforeAll
  void start() {
    server =
        TestServer.with()
            .yaml("http: { maxBodySize: 64KiB, requestTimeout: 60s }")
            .yaml("record: { hotPathPrefixes: [hot/] }")
            .start();
    http = new HttpProbe(server.port());
  }

  @AfterAll
  void stop() {
    http.close();
    server.close();
  }

  private Reply patch(String name, String mediaType, String patch, String... more)
      throws Exception {
    List<String> headers = new ArrayList<>(List.of("content-type", mediaType));
    headers.addAll(List.of(more));
    return http.send("PATCH", "/api/v1/records/" + name, patch, headers.toArray(String[]::new));
  }

  // --- PUT, GET, HEAD, DELETE

  @Test
  void putCreatesAndThenReplaces() throws Exception {
    Reply created = http.put("/api/v1/records/put/a", "{\"n\":1}");
    Reply replaced = http.put("/api/v1/records/put/a", "[1]");
    Reply read = http.get("/api/v1/records/put/a");

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("location")).isEqualTo("/api/v1/records/put/a");
    assertThat(created.header("etag")).isEqualTo("\"1\"");
    assertThat(replaced.status()).isEqualTo(204);
    assertThat(replaced.header("etag")).isEqualTo("\"2\"");
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.body()).isEqualTo("[1]");
    assertThat(read.header("etag")).isEqualTo("\"2\"");
    assertThat(read.header("content-type")).startsWith("application/json");
  }

  @Test
  void headTellsTheVersionOnly() throws Exception {
    http.put("/api/v1/records/head", "{\"n\":1}");

    Reply head = http.send("HEAD", "/api/v1/records/head", "");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("etag")).isEqualTo("\"1\"");
    assertThat(head.body()).isEmpty();
    assertThat(http.send("HEAD", "/api/v1/records/none", "").status()).isEqualTo(404);
  }

  @Test
  void deletedRecordsAreGone() throws Exception {
    http.put("/api/v1/records/gone", "{}");

    assertThat(http.send("DELETE", "/api/v1/records/gone", "").status()).isEqualTo(204);
    assertThat(http.send("DELETE", "/api/v1/records/gone", "").status()).isEqualTo(204);

    Reply missing = http.get("/api/v1/records/gone");
    assertThat(missing.status()).isEqualTo(404);
    assertThat(missing.header("content-type")).isEqualTo("application/problem+json");
    assertThat(missing.json().get("type").asText())
        .isEqualTo("urn:millrace:problem:no-such-record");
    assertThat(missing.json().get("status").intValue()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "seat/a/12, seat/a/12",
    "seat%2Fa%2F12, seat/a/12",
    "a%20b+c, a b+c",
    "%C3%A9t%C3%A9, été",
    "x%2Fstream, x/stream",
    "a//b, a//b",
  })
  void namesAreDecoded(String path, String name) throws Exception {
    http.put("/api/v1/records/" + path, "{\"at\":\"" + path + "\"}");

    try (ScriptedClient client = server.client()) {
      client.send(new RecordRequest.Read(new RecordName(name)));
      assertThat(client.await(RecordPush.ReadResponse.class).data().text()).contains(path);
    }
  }

  @ParameterizedTest
  @CsvSource({"%, 400", "%zz, 400", "%ff, 400", "'', 404"})
  void whatIsNoNameIsRefused(String path, int status) throws Exception {
    // The client's own URI class does not let malformed escapes pass.
    assertThat(RawHttp.status(server.port(), "GET /api/v1/records/" + path)).isEqualTo(status);
  }

  // --- preconditions

  @Test
  void aVersionThatIsKnownIsNotSentAgain() throws Exception {
    http.put("/api/v1/records/known", "{}");

    assertThat(http.get("/api/v1/records/known", "if-none-match", "\"1\"").status()).isEqualTo(304);
    assertThat(http.get("/api/v1/records/known", "if-none-match", "W/\"1\", \"7\"").status())
        .isEqualTo(304);
    assertThat(http.get("/api/v1/records/known", "if-none-match", "\"2\"").status()).isEqualTo(200);
  }

  @Test
  void aWriteForAnotherVersionFailsAndSaysWhichThereIs() throws Exception {
    http.put("/api/v1/records/match", "{\"n\":1}");

    Reply late = http.put("/api/v1/records/match", "{\"n\":2}", "if-match", "\"0\"");
    Reply early = http.put("/api/v1/records/match", "{\"n\":2}", "if-match", "\"2\"");
    Reply good = http.put("/api/v1/records/match", "{\"n\":3}", "if-match", "\"9\", \"1\"");

    assertThat(late.status()).isEqualTo(412);
    assertThat(late.json().get("currentVersion").intValue()).isEqualTo(1);
    assertThat(early.status()).isEqualTo(412);
    assertThat(good.status()).isEqualTo(204);
    assertThat(http.get("/api/v1/records/match").body()).isEqualTo("{\"n\":3}");
  }

  @Test
  void aWriteOfAnExistingRecordDoesNotCreateOne() throws Exception {
    assertThat(http.put("/api/v1/records/absent", "{}", "if-match", "*").status()).isEqualTo(412);
    assertThat(http.put("/api/v1/records/absent", "{}", "if-match", "\"0\"").status())
        .isEqualTo(412);
    assertThat(patch("absent", MERGE, "{}").status()).isEqualTo(404);
    assertThat(http.get("/api/v1/records/absent").status()).isEqualTo(404);
  }

  @Test
  void aCreationDoesNotReplace() throws Exception {
    Reply first = http.put("/api/v1/records/once", "{\"n\":1}", "if-none-match", "*");
    Reply second = http.put("/api/v1/records/once", "{\"n\":2}", "if-none-match", "*");

    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(412);
    assertThat(http.get("/api/v1/records/once").body()).isEqualTo("{\"n\":1}");
  }

  @Test
  void ofManyWhoCreateOneSucceeds() throws Exception {
    List<Integer> statuses =
        atOnce(8, i -> http.put("/api/v1/records/race", "{\"n\":" + i + "}", "if-none-match", "*"));

    assertThat(statuses).containsOnlyOnce(201).contains(412);
    assertThat(http.get("/api/v1/records/race").header("etag")).isEqualTo("\"1\"");
  }

  @Test
  void aDeletionOfAnotherVersionFails() throws Exception {
    http.put("/api/v1/records/keep", "{}");

    assertThat(http.send("DELETE", "/api/v1/records/keep", "", "if-match", "\"7\"").status())
        .isEqualTo(412);
    assertThat(http.send("DELETE", "/api/v1/records/keep", "", "if-match", "\"1\"").status())
        .isEqualTo(204);
  }

  // --- PATCH

  @Test
  void aMergePatchReachesSubscribersAsTheOnePlaceThatChanged() throws Exception {
    http.put("/api/v1/records/merge", "{\"a\":{\"x\":1,\"y\":2},\"b\":3}");
    try (ScriptedClient client = server.client()) {
      follow(client, "merge");

      Reply reply = patch("merge", MERGE, "{\"a\":{\"y\":null}}");

      assertThat(reply.status()).isEqualTo(204);
      assertThat(reply.header("etag")).isEqualTo("\"2\"");
      assertThat(client.await(RecordPush.Patch.class))
          .isEqualTo(new RecordPush.Patch(new RecordName("merge"), 2, "a.y", null));
    }
    assertThat(http.get("/api/v1/records/merge").body()).isEqualTo("{\"a\":{\"x\":1},\"b\":3}");
  }

  @Test
  void aPatchOfSeveralPlacesIsOneVersion() throws Exception {
    http.put("/api/v1/records/several", "{\"a\":1,\"b\":[1,2,3]}");

    Reply reply =
        patch(
            "several",
            OPERATIONS,
            """
            [{"op":"test","path":"/b/0","value":1.0},
             {"op":"remove","path":"/b/0"},
             {"op":"add","path":"/b/-","value":4},
             {"op":"move","from":"/a","path":"/c"},
             {"op":"copy","from":"/b","path":"/d"},
             {"op":"replace","path":"/c","value":{"e":null}}]\
            """);

    assertThat(reply.status()).isEqualTo(204);
    Reply read = http.get("/api/v1/records/several");
    assertThat(read.body()).isEqualTo("{\"b\":[2,3,4],\"c\":{\"e\":null},\"d\":[2,3,4]}");
    assertThat(read.header("etag")).isEqualTo("\"2\"");
  }

  @Test
  void aPatchThatFailsInTheMiddleChangesNothing() throws Exception {
    http.put("/api/v1/records/half", "{\"a\":1}");

    Reply reply =
        patch(
            "half",
            OPERATIONS,
            """
            [{"op":"replace","path":"/a","value":2},{"op":"test","path":"/a","value":1}]\
            """);

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.json().get("detail").asText()).contains("operation 1");
    assertThat(http.get("/api/v1/records/half").body()).isEqualTo("{\"a\":1}");
  }

  @Test
  void aPatchThatChangesNothingMakesNoVersion() throws Exception {
    http.put("/api/v1/records/same", "{\"a\":1}");

    assertThat(patch("same", MERGE, "{\"a\":1}").header("etag")).isEqualTo("\"1\"");
  }

  @Test
  void patchesOfManyAtOnceAreAllApplied() throws Exception {
    http.put("/api/v1/records/many", "{\"list\":[]}");

    List<Integer> statuses =
        atOnce(
            8,
            i ->
                patch(
                    "many",
                    OPERATIONS,
                    "[{\"op\":\"add\",\"path\":\"/list/-\",\"value\":" + i + "}]"));

    assertThat(statuses).containsOnly(204);
    assertThat(http.get("/api/v1/records/many").json().get("list")).hasSize(8);
    assertThat(http.get("/api/v1/records/many").header("etag")).isEqualTo("\"9\"");
  }

  @Test
  void aPatchForAnotherVersionFails() throws Exception {
    http.put("/api/v1/records/versioned", "{}");

    assertThat(patch("versioned", MERGE, "{\"a\":1}", "if-match", "\"2\"").status()).isEqualTo(412);
    assertThat(patch("versioned", MERGE, "{\"a\":1}", "if-match", "\"1\"").status()).isEqualTo(204);
  }

  @Test
  void anotherMediaTypeIsRefused() throws Exception {
    Reply reply = patch("any", "application/json", "{}");

    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.header("accept-patch")).contains(MERGE, OPERATIONS);
    assertThat(http.send("PUT", "/api/v1/records/any", "{}").status()).isEqualTo(415);
  }

  // --- limits

  @Test
  void whatCannotBeTakenHasItsStatus() throws Exception {
    assertThat(http.put("/api/v1/records/bad", "{").status()).isEqualTo(400);
    assertThat(http.put("/api/v1/records/bad", "7").status()).isEqualTo(422);
    assertThat(http.put("/api/v1/records/bad", "[".repeat(600) + "]".repeat(600)).status())
        .isEqualTo(400);
    Reply large = http.put("/api/v1/records/bad", "\"" + "x".repeat(70_000) + "\"");
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.header("content-type")).isEqualTo("application/problem+json");
  }

  @Test
  void otherMethodsAreNotAllowed() throws Exception {
    Reply reply = http.send("POST", "/api/v1/records/x", "");

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.header("allow")).isEqualTo("GET, HEAD, PUT, PATCH, DELETE");
    assertThat(http.get("/api/v1/events/x").status()).isEqualTo(405);
    assertThat(http.get("/api/v1/elsewhere").status()).isEqualTo(404);
  }

  @Test
  void hotRecordsAreReplacedWithoutVersions() throws Exception {
    assertThat(http.put("/api/v1/records/hot/a", "{\"n\":1}").status()).isEqualTo(204);
    assertThat(http.put("/api/v1/records/hot/a", "{\"n\":2}").status()).isEqualTo(204);
    assertThat(http.get("/api/v1/records/hot/a").header("etag")).isEqualTo("\"0\"");
  }

  // --- what is no record

  @Test
  void eventsReachThoseWhoSubscribe() throws Exception {
    try (ScriptedClient client = server.client()) {
      client.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("news/a"), "0"));
      client.await(EventPush.Ack.class);

      assertThat(post("/api/v1/events/news/a", "{\"n\":1}").status()).isEqualTo(204);

      assertThat(client.await(EventPush.Emit.class))
          .isEqualTo(new EventPush.Emit("news/a", new JsonText("{\"n\":1}")));
      assertThat(http.send("POST", "/api/v1/events/news/a", "").status()).isEqualTo(204);
      assertThat(client.await(EventPush.Emit.class)).isEqualTo(new EventPush.Emit("news/a", null));
    }
    assertThat(post("/api/v1/events/e", "{").status()).isEqualTo(400);
  }

  @Test
  void presenceTellsWhoIsOnline() throws Exception {
    try (ScriptedClient client =
        ScriptedClient.connect(server.uri()).login("{\"username\":\"ann\"}")) {
      client.roundTrip();

      // The clients of other tests may still be leaving.
      await()
          .untilAsserted(
              () ->
                  assertThat(http.get("/api/v1/presence").body())
                      .isEqualTo("{\"users\":[\"ann\"]}"));
      assertThat(http.get("/api/v1/presence?user=ann&user=bob").body())
          .isEqualTo("{\"users\":{\"ann\":true,\"bob\":false}}");
    }
  }

  @Test
  void callersAreNotOnlineThemselves() throws Exception {
    http.get("/api/v1/records/x", "authorization", "Basic " + "Y2FyOng=");

    assertThat(http.get("/api/v1/presence?user=car").body())
        .isEqualTo("{\"users\":{\"car\":false}}");
  }

  @Test
  void anAuthorizationThatIsNotUnderstoodIsRefused() throws Exception {
    Reply reply = http.get("/api/v1/presence", "authorization", "Digest x");

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.header("www-authenticate")).contains("Bearer", "Basic");
  }

  @Test
  void theDescriptionIsServed() throws Exception {
    Reply reply = http.get("/api/v1/openapi.json");

    assertThat(reply.json().get("openapi").asText()).isEqualTo("3.1.0");
    assertThat(reply.json().at("/servers/0/url").asText()).isEqualTo("/api/v1");
  }

  @Test
  void pagesOfOtherOriginsMayReadTheTag() throws Exception {
    Reply preflight =
        http.send(
            "OPTIONS",
            "/api/v1/records/x",
            "",
            "access-control-request-method",
            "PATCH",
            "access-control-request-headers",
            "if-match,content-type");

    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("access-control-allow-methods")).contains("PATCH");
    assertThat(http.get("/api/v1/presence").header("access-control-expose-headers"))
        .contains("ETag");
  }

  private Reply post(String path, String body) throws Exception {
    return http.send("POST", path, body, "content-type", "application/json");
  }

  private static void follow(ScriptedClient client, String record) {
    client.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(record)), "0"));
    client.await(RecordPush.ReadResponse.class);
  }

  private interface Call {
    Reply make(int index) throws Exception;
  }

  private static List<Integer> atOnce(int count, Call call) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      List<Future<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        replies.add(threads.submit(() -> call.make(index)));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Reply> reply : replies) {
        statuses.add(reply.get().status());
      }
      return statuses;
    }
  }
}
