package io.millrace.server.http.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.endtoend.TestServer;
import io.millrace.server.http.HttpProbe;
import io.millrace.server.http.sse.SseReader.Event;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Records as Server-Sent Events, over real connections. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StreamIT {
  private TestServer server;
  private HttpProbe http;

  @BeforeAll
  void start() {
    server = TestServer.start();
    http = new HttpProbe(server.port());
  }

  @AfterAll
  void stop() {
    http.close();
    server.close();
  }

  private SseReader follow(String record, String... headers) throws Exception {
    return new SseReader(server.port(), "/api/v1/records/" + record + "/stream", headers);
  }

  private void put(String record, String json) throws Exception {
    assertThat(http.put("/api/v1/records/" + record, json).status()).isBetween(200, 299);
  }

  private void merge(String record, String json) throws Exception {
    http.send(
        "PATCH", "/api/v1/records/" + record, json, "content-type", "application/merge-patch+json");
  }

  private void delete(String record) throws Exception {
    assertThat(http.send("DELETE", "/api/v1/records/" + record, "").status()).isEqualTo(204);
  }

  private static Event next(SseReader stream) throws Exception {
    return Objects.requireNonNull(stream.next(), "the stream has ended");
  }

  @Test
  void aReaderGetsTheStateAndThenEveryChange() throws Exception {
    put("s/live", "{\"a\":1}");
    try (SseReader stream = follow("s/live")) {
      Event snapshot = next(stream);
      merge("s/live", "{\"b\":{\"c\":2}}");
      Event patch = next(stream);
      merge("s/live", "{\"b\":null}");
      Event removal = next(stream);
      put("s/live", "{\"x\":[1]}");
      Event update = next(stream);

      assertThat(snapshot.event()).isEqualTo("snapshot");
      assertThat(snapshot.data()).isEqualTo("{\"version\":1,\"data\":{\"a\":1}}");
      assertThat(patch.event()).isEqualTo("patch");
      assertThat(patch.data()).isEqualTo("{\"version\":2,\"path\":\"b\",\"data\":{\"c\":2}}");
      assertThat(removal.data()).isEqualTo("{\"version\":3,\"path\":\"b\"}");
      assertThat(update.event()).isEqualTo("update");
      assertThat(update.data()).isEqualTo("{\"version\":4,\"data\":{\"x\":[1]}}");
      assertThat(update.id()).endsWith("-4").isNotEqualTo(removal.id());
    }
  }

  @Test
  void whoComesBackWithTheCurrentStateGetsChangesOnly() throws Exception {
    put("s/resume", "{\"a\":1}");
    String id;
    try (SseReader stream = follow("s/resume")) {
      id = next(stream).id();
    }

    try (SseReader stream = follow("s/resume", "Last-Event-ID: " + id)) {
      merge("s/resume", "{\"a\":2}");
      assertThat(next(stream).event()).isEqualTo("patch");
    }
  }

  @Test
  void whoComesBackWithAnOlderStateGetsTheNewestOne() throws Exception {
    put("s/older", "{\"a\":1}");
    String id;
    try (SseReader stream = follow("s/older")) {
      id = next(stream).id();
    }
    merge("s/older", "{\"a\":2}");

    try (SseReader stream = follow("s/older", "Last-Event-ID: " + id)) {
      assertThat(next(stream).data()).isEqualTo("{\"version\":2,\"data\":{\"a\":2}}");
    }
  }

  /** The version is the same, but it is another record: P2. */
  @Test
  void whoComesBackToARecordThatWasCreatedAgainGetsItsState() throws Exception {
    put("s/again", "{\"life\":1}");
    String id;
    try (SseReader stream = follow("s/again")) {
      id = next(stream).id();
    }
    delete("s/again");
    put("s/again", "{\"life\":2}");

    try (SseReader stream = follow("s/again", "Last-Event-ID: " + id)) {
      assertThat(next(stream).data()).isEqualTo("{\"version\":1,\"data\":{\"life\":2}}");
    }
  }

  @Test
  void aStreamEndsWithItsRecord() throws Exception {
    put("s/end", "{}");
    try (SseReader stream = follow("s/end")) {
      next(stream);
      delete("s/end");

      assertThat(next(stream).event()).isEqualTo("deleted");
      assertThat(stream.next()).isNull();
    }
    assertThat(http.get("/api/v1/records/s/end/stream").status()).isEqualTo(404);
  }

  @Test
  void whoWaitsSeesTheRecordComeGoAndComeAgain() throws Exception {
    try (SseReader stream =
        new SseReader(server.port(), "/api/v1/records/s/wait/stream?wait=true")) {
      put("s/wait", "{\"life\":1}");
      assertThat(next(stream).data()).isEqualTo("{\"version\":1,\"data\":{\"life\":1}}");
      delete("s/wait");
      assertThat(next(stream).event()).isEqualTo("deleted");
      put("s/wait", "{\"life\":2}");
      assertThat(next(stream).data()).isEqualTo("{\"version\":1,\"data\":{\"life\":2}}");
    }
  }

  @Test
  void aStreamThatIsLeftIsForgotten() throws Exception {
    put("s/left", "{}");
    // Those of other tests may still be leaving.
    await().until(() -> server.metric("millrace_http_streams") == 0);
    try (SseReader stream = follow("s/left")) {
      next(stream);
      assertThat(server.metric("millrace_http_streams")).isEqualTo(1);
    }

    await().untilAsserted(() -> assertThat(server.metric("millrace_http_streams")).isZero());
  }

  /** P6: what a reader does not take is not kept for it; it gets the newest state in the end. */
  @Test
  void aSlowReaderGetsNewerStatesInsteadOfALongQueue() throws Exception {
    put("s/slow", "{\"n\":0}");
    try (SseReader stream = follow("s/slow")) {
      next(stream);
      String filler = "x".repeat(100_000);
      int last = 200;
      for (int i = 1; i <= last; i++) {
        put("s/slow", "{\"n\":" + i + ",\"filler\":\"" + filler + "\"}");
      }
      assertThat(server.metric("millrace_conflations_total")).isPositive();

      int events = 0;
      String seen;
      do {
        seen = next(stream).data();
        events++;
      } while (!seen.contains("\"n\":" + last + ","));
      assertThat(events).isLessThan(last);
    }
  }

  @Test
  void aServerThatStopsEndsItsStreams() throws Exception {
    TestServer other = TestServer.start();
    try (HttpProbe caller = new HttpProbe(other.port())) {
      caller.put("/api/v1/records/r", "{}");
      try (SseReader stream = new SseReader(other.port(), "/api/v1/records/r/stream")) {
        next(stream);
        other.close();
        assertThat(stream.next()).isNull();
      }
    } finally {
      other.close();
    }
  }
}
