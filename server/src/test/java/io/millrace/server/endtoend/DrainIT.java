package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.EmbeddedKafka;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a node ends in good order. */
final class DrainIT {
  private static final Duration LONG = Duration.ofSeconds(90);

  @TempDir private Path directory;

  /** As Kubernetes does: a preStop hook asks, and SIGTERM comes as soon as that has returned. */
  @Test
  void aSignalDoesNotBreakOffADrainWhichCanBeWatchedToItsEnd() throws Exception {
    int admin = EmbeddedKafka.freePort();
    Path config = directory.resolve("millrace.yml");
    Files.writeString(
        config,
        TestServer.with().yaml("admin: { host: 127.0.0.1, port: %d }".formatted(admin)).toYaml());
    try (ServerProcess server = ServerProcess.start(config);
        RawSocket staying = RawSocket.upgrade(server.port()).login();
        HttpClient operator = HttpClient.newHttpClient()) {
      assertThat(ask(operator, admin, "POST", "/drain").statusCode()).isEqualTo(202);
      assertThat(staying.read().closeCode()).isEqualTo(1005);

      HttpResponse<String> ready = ask(operator, admin, "GET", "/health/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("leaving");
      assertThat(server.stop(LONG)).hasValue(0);
    }
  }

  /** Its session does not read while there is no room for answers, and must go on to do so. */
  @Test
  void whatAClientHadSentIsCarriedOutAlthoughItsAnswersWereNotRead() throws Exception {
    Path file = directory.resolve("records.db");
    try (TestServer server = TestServer.with().sqlite(file).start();
        RecordReader other = new RecordReader(server.uri());
        RawSocket stalled = RawSocket.upgradeWide(server.port()).login()) {
      stalled.send(write("big", "x".repeat(900_000)));
      await().until(() -> other.version("big") == 1);
      // More than the kernel takes.
      for (int i = 0; i < 40; i++) {
        stalled.add(new RecordRequest.Read(new RecordName("big")));
      }
      stalled.flush();
      for (int i = 0; i < 20; i++) {
        other.read("big");
      }
      stalled.send(write("last", "word"));
      for (int i = 0; i < 20; i++) {
        other.read("big");
      }
      assertThat(other.version("last")).as("held back").isEqualTo(RecordReader.MISSING);

      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
      while (stalled.read().opcode() != RawSocket.CLOSE) {
        continue;
      }
      stalled.frame(RawSocket.FINAL | RawSocket.CLOSE, new byte[0]);
      assertThat(stalled.isClosedByServer()).isTrue();
      closed.get();
    }
    try (TestServer again = TestServer.with().sqlite(file).start();
        RecordReader reader = new RecordReader(again.uri())) {
      assertThat(reader.version("last")).isEqualTo(1);
    }
  }

  private static RecordRequest write(String name, String text) {
    return new RecordRequest.Update(
        RecordAction.CREATEANDUPDATE,
        new RecordName(name),
        -1,
        new JsonText("{\"text\":\"%s\"}".formatted(text)),
        WriteAckRequest.NONE);
  }

  private static HttpResponse<String> ask(HttpClient client, int port, String method, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }
}
