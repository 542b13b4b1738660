package io.millrace.server;

import com.sun.net.httpserver.HttpServer;
import io.millrace.server.config.ConfigLoader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The npm client while its server goes away and comes back, when the tests say so. */
final class NpmClientRestartIT {
  @TempDir private Path folder;
  private @Nullable Assembly server;
  private int port;

  @Test
  void theNpmClientOutlivesItsServer() throws Exception {
    HttpServer control = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    control.setExecutor(Executors.newSingleThreadExecutor());
    control.createContext("/stop", exchange -> answer(exchange, this::stop));
    control.createContext("/start", exchange -> answer(exchange, this::start));
    start();
    control.start();
    try {
      NodeSuite.run(
          "ws://127.0.0.1:" + port,
          Map.of("MILLRACE_CONTROL", "http://127.0.0.1:" + control.getAddress().getPort()),
          "restart");
    } finally {
      control.stop(0);
      stop();
    }
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  private synchronized void start() {
    Assembly started =
        Assembly.start(
            ConfigLoader.parse(
                """
                server: { host: 127.0.0.1, port: %d }
                storage: { type: sqlite, path: '%s' }
                listen: { shuffleProviders: false }
                """
                    .formatted(port, folder.resolve("millrace.db"))));
    port = started.port();
    server = started;
  }

  private synchronized void stop() {
    Assembly running = server;
    server = null;
    if (running != null) {
      running.close();
    }
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, Runnable step)
      throws IOException {
    try (exchange) {
      step.run();
      exchange.sendResponseHeaders(204, -1);
    } catch (RuntimeException e) {
      exchange.sendResponseHeaders(500, -1);
      throw e;
    }
  }
}
