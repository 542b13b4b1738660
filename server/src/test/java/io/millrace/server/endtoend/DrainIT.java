package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is asked over the operators' port to leave. */
final class DrainIT {
  private static final Duration LONG = Duration.ofSeconds(30);

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

  private static HttpResponse<String> ask(HttpClient client, int port, String method, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }
}
