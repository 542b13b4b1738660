package io.millrace.server;

import io.millrace.server.config.ConfigLoader;
import io.millrace.testkit.FreePorts;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The npm client while its server goes away and comes back, when the tests say so; and with a login
 * service and a storage that the tests have in their hands.
 */
final class NpmClientRestartIT {
  @TempDir private Path folder;
  private @Nullable NodeControl control;
  private @Nullable Assembly server;
  private final int port = FreePorts.next();

  @BeforeEach
  void open() throws Exception {
    control = new NodeControl(database(), this::stop, this::start);
    start();
  }

  @AfterEach
  void close() {
    if (control != null) {
      control.close();
    }
    stop();
  }

  @Test
  void theNpmClientOutlivesItsServer() throws Exception {
    run("restart");
  }

  @Test
  void theNpmClientIsToldWhatHasChangedInTheStorage() throws Exception {
    run("storage");
  }

  @Test
  void theNpmClientComesInAsAWebhookSays() throws Exception {
    run("webhook");
  }

  private void run(String files) throws Exception {
    NodeSuite.run("ws://127.0.0.1:" + port, Map.of("MILLRACE_CONTROL", control().url()), files);
  }

  private Path database() {
    return folder.resolve("millrace.db");
  }

  private NodeControl control() {
    if (control == null) {
      throw new IllegalStateException("not open");
    }
    return control;
  }

  private synchronized void start() {
    Assembly started =
        Assembly.start(
            ConfigLoader.parse(
                """
                server: { host: 127.0.0.1, port: %d }
                auth: [ { type: http, endpointUrl: '%s', requestTimeout: 10s } ]
                storage: { type: sqlite, path: '%s' }
                listen: { shuffleProviders: false, responseTimeout: 8s }
                rpc: { ackTimeout: 8s, provideRequestorName: true, provideRequestorData: true }
                """
                    .formatted(port, control().webhook(), database())));
    server = started;
  }

  private synchronized void stop() {
    Assembly running = server;
    server = null;
    if (running != null) {
      running.close();
    }
  }
}
