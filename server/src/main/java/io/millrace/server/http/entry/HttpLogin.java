package io.millrace.server.http.entry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.auth.Authenticator;
import io.millrace.server.auth.ConnectionData;
import io.millrace.server.auth.LoginAttempt;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.Handshake;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who makes a request. The one place where the HTTP API meets the authenticator. Thread-safe. */
public final class HttpLogin {
  private static final String DEFAULT_REFUSAL = "Invalid authentication data.";

  private final Authenticator authenticator;

  public HttpLogin(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /**
   * Asks the authenticator.
   *
   * @param loop where the callback is called: the request's
   */
  public void login(
      HttpServerRequest request,
      ObjectNode authData,
      EventLoop loop,
      Consumer<AuthOutcome> callback) {
    Continuation.of(
        authenticator.authenticate(new LoginAttempt(authData, connectionData(request))),
        (outcome, failure) ->
            loop.run(
                () -> callback.accept(outcome == null ? new AuthOutcome.Refused(null) : outcome)));
  }

  private static ConnectionData connectionData(HttpServerRequest request) {
    return new ConnectionData.Request(Handshake.of("", request.headers()).headers(), request.uri());
  }

  /** What a refused caller is told: the authenticator's own words, if it has some. */
  public static String text(AuthOutcome.Refused refused) {
    JsonText clientData = refused.clientData();
    return clientData == null
        ? DEFAULT_REFUSAL
        : Json.parse(clientData)
            .map(data -> data.isObject() ? data.path("error") : data)
            .<@Nullable String>map(text -> text.textValue())
            .orElse(DEFAULT_REFUSAL);
  }
}
