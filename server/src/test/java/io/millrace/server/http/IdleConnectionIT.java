package io.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigLoader;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections on which nothing happens are not kept (P6). */
@Timeout(300)
final class IdleConnectionIT {
  private static final int MEBI = 1 << 20;

  private final Vertx vertx = Vertx.vertx();
  private final HttpEndpoint endpoint = start();

  private HttpEndpoint start() {
    return HttpEndpoint.start(
        vertx,
        ConfigLoader.parse("server: { host: 127.0.0.1, port: 0 }"),
        1,
        new HttpEndpoint.Routes(
            () -> false,
            path -> true,
            socket -> {},
            router ->
                router
                    .get("/large")
                    .handler(context -> context.response().end("x".repeat(64 * MEBI))),
            Optional::empty,
            () -> "",
            Optional.empty()),
        Duration.ofMillis(500));
  }

  @AfterEach
  void stop() {
    endpoint.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aRequestThatDoesNotComeToItsEndIsCutOff() throws IOException {
    try (Socket socket = send("POST /api HTTP/1.1\r\nhost: ")) {
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void aResponseThatNobodyReadsIsCutOff() throws IOException {
    try (Socket socket = send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n")) {
      InputStream in = socket.getInputStream();
      assertThat(in.read()).isEqualTo('H');
      // By now the server has written what fits; the rest waits for us.
      try (Socket other = send("")) {
        assertThat(other.getInputStream().readAllBytes()).isEmpty();
      }
      try (Socket another = send("")) {
        assertThat(another.getInputStream().readAllBytes()).isEmpty();
      }
      assertThat(readToTheEnd(in)).isLessThan(64L * MEBI);
    }
  }

  @Test
  void nobodyIsCutOffWhoWaitsForAnAnswer() {
    assertThat(HttpEndpoint.idleTimeout(Duration.ofSeconds(1))).isEqualTo(Duration.ofMinutes(1));
    assertThat(HttpEndpoint.idleTimeout(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(3));
  }

  /** A connection that is cut off may also be reset. */
  private static long readToTheEnd(InputStream in) {
    long length = 0;
    byte[] buffer = new byte[MEBI];
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        length += read;
      }
    } catch (IOException e) {
      // As good as the end.
    }
    return length;
  }

  private Socket send(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }
}
