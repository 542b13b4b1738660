package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.config.HttpConfig;
import io.millrace.server.http.call.Calls;
import io.millrace.server.http.entry.Cors;
import io.millrace.server.http.entry.Entrance;
import io.millrace.server.http.entry.HttpLogin;
import io.millrace.server.http.entry.MediaType;
import io.millrace.server.http.entry.Refusal;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batch endpoint and the login endpoint, as they are known from the reference (protocol §7).
 * Errors are text.
 */
public final class BatchApi {
  private static final Logger LOG = LoggerFactory.getLogger(BatchApi.class);

  private final HttpConfig config;
  private final Entrance entrance;
  private final BatchReader reader;
  private final Cors cors;

  public BatchApi(HttpConfig config, Entrance entrance) {
    this.config = config;
    this.entrance = entrance;
    this.reader = new BatchReader(config.allowAuthData());
    this.cors =
        new Cors(
            config.cors(),
            new LinkedHashSet<>(List.of("GET", "POST", "OPTIONS")),
            Set.of("x-requested-with", "x-http-method-override", "content-type", "accept"),
            "",
            true);
  }

  public void mount(Router router) {
    // As a function: in one route Vert.x wants a BodyHandler to be the first.
    BodyHandler body = entrance.body();
    for (String path : List.of(config.authPath(), config.path())) {
      Route every = router.route(path).handler(cors::handle);
      every.failureHandler(BatchApi::failed);
      router
          .post(path)
          .handler(BatchApi::requireJson)
          .handler(entrance::admit)
          .handler(body::handle)
          .handler(path.equals(config.path()) ? this::batch : this::authenticate)
          .failureHandler(BatchApi::failed);
    }
    router
        .get(config.path())
        .handler(
            context ->
                text(
                    context,
                    400,
                    "GET is not implemented here. POST a batch, or see " + config.path() + "/v1."));
    for (String path : List.of(config.authPath(), config.path())) {
      router.route(path).handler(context -> text(context, 405, "Only POST is allowed here"));
    }
  }

  private void batch(RoutingContext context) {
    switch (reader.read(bodyOf(context))) {
      case BatchReader.Invalid(String text) -> text(context, 400, text);
      case BatchReader.Valid(Batch batch) ->
          entrance.login(
              context,
              batch.authData(),
              outcome -> {
                switch (outcome) {
                  case AuthOutcome.Refused refused -> text(context, 401, HttpLogin.text(refused));
                  case AuthOutcome.Accepted accepted -> run(context, batch, accepted);
                }
              });
    }
  }

  private void run(RoutingContext context, Batch batch, AuthOutcome.Accepted accepted) {
    Calls calls = entrance.calls(context, accepted.user());
    new BatchRun(batch, calls, response -> json(context, response)).start();
  }

  private void authenticate(RoutingContext context) {
    if (!(Json.parse(bodyOf(context)).orElse(null) instanceof ObjectNode authData)) {
      text(context, 400, "Failed to parse the body of the request: it must be a JSON object");
      return;
    }
    entrance.login(
        context,
        authData,
        outcome -> {
          switch (outcome) {
            case AuthOutcome.Refused refused -> text(context, 401, HttpLogin.text(refused));
            case AuthOutcome.Accepted accepted -> json(context, loggedIn(accepted));
          }
        });
  }

  private static JsonText loggedIn(AuthOutcome.Accepted accepted) {
    ObjectNode response = JsonNodeFactory.instance.objectNode();
    if (accepted.token() != null) {
      response.put("token", accepted.token());
    }
    JsonText clientData = accepted.user().clientData();
    if (clientData != null) {
      response.putRawValue("clientData", new RawValue(clientData.text()));
    }
    return Json.text(response);
  }

  private static void requireJson(RoutingContext context) {
    if (MediaType.isJson(context.request().getHeader("content-type"))) {
      context.next();
      return;
    }
    text(context, 415, "The content type must be application/json");
  }

  private static String bodyOf(RoutingContext context) {
    return Optional.ofNullable(context.body().asString()).orElse("");
  }

  private static void json(RoutingContext context, JsonText body) {
    context
        .response()
        .putHeader("content-type", "application/json; charset=utf-8")
        .end(body.text());
  }

  private static void failed(RoutingContext context) {
    if (context.response().headWritten()) {
      return;
    }
    if (context.failure() instanceof Refusal refusal) {
      text(context, refusal.status(), refusal.text());
    } else if (context.statusCode() == 413) {
      // The reference's status: only its other HTTP service says 413.
      text(context, 400, "The body of the request is too large");
    } else {
      LOG.warn("a request failed", context.failure());
      text(context, 500, "Internal error");
    }
  }

  private static void text(RoutingContext context, int status, String text) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end(text + "\r\n\r\n");
  }
}
