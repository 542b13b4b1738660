package io.millrace.server.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Attempts to log in, and waiting for what becomes of them. */
final class Logins {
  private static final ConnectionData NOWHERE = new ConnectionData.Socket("192.0.2.1", Map.of());

  private Logins() {}

  static LoginAttempt with(String json) {
    return from(NOWHERE, json);
  }

  static LoginAttempt from(ConnectionData where, String json) {
    return new LoginAttempt((ObjectNode) Json.parse(json).orElseThrow(), where);
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static Verdict accepted(String id, String clientData, String serverData) {
    return Verdict.accepted(
        new User(
            id,
            clientData.isEmpty() ? null : new JsonText(clientData),
            serverData.isEmpty() ? null : new JsonText(serverData)));
  }
}
