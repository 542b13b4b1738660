package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Calls;
import io.millrace.server.http.entry.MediaType;
import io.millrace.server.http.entry.Refusal;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request of somebody who is known, and its response. Confined to its event loop. */
final class Exchange {
  private final RoutingContext context;
  private final String name;
  private final Calls calls;

  /**
   * @param name what the path names, "" for nothing
   */
  Exchange(RoutingContext context, String name, Calls calls) {
    this.context = context;
    this.name = name;
    this.calls = calls;
  }

  String name() {
    return name;
  }

  RecordName record() {
    return new RecordName(name);
  }

  List<String> query(String key) {
    return context.queryParam(key);
  }

  Preconditions preconditions() {
    return Preconditions.read(header("if-match"), header("if-none-match"));
  }

  /** A header that may come in several lines, null if it does not come. */
  private @Nullable String header(String key) {
    List<String> lines = context.request().headers().getAll(key);
    return lines.isEmpty() ? null : String.join(",", lines);
  }

  String mediaType() {
    return MediaType.of(context.request().getHeader("content-type"));
  }

  /**
   * The body as JSON.
   *
   * @throws Refusal if it is none
   */
  JsonNode json() {
    return Json.parse(text())
        .orElseThrow(
            () -> new Refusal(400, "The body must be one JSON value, at most 500 levels deep"));
  }

  /**
   * The body as JSON text of that media type, null if there is none.
   *
   * @throws Refusal if it is something else
   */
  @Nullable JsonText optionalJson() {
    if (text().isEmpty()) {
      return null;
    }
    requireJson();
    return Json.text(json());
  }

  /**
   * @throws Refusal if the body is said to be something else
   */
  void requireJson() {
    if (!mediaType().equals(MediaType.JSON)) {
      throw new Refusal(415, "The content type must be application/json");
    }
  }

  private String text() {
    return Optional.ofNullable(context.body().asString()).orElse("");
  }

  /** Asks; what fails is answered with its problem. */
  void make(ClientMessage request, Consumer<Answer> callback) {
    calls.make(
        request,
        answer -> {
          if (answer instanceof Answer.Failed failed) {
            fail(Problem.of(failed));
          } else {
            callback.accept(answer);
          }
        });
  }

  /** Asks; the callback is told of failures, too. */
  void attempt(ClientMessage request, Consumer<Answer> callback) {
    calls.make(request, callback);
  }

  Exchange header(String key, String value) {
    context.response().putHeader(key, value);
    return this;
  }

  Exchange tag(int version) {
    return header("etag", Preconditions.tag(version));
  }

  /** Where the thing is that the request was about. */
  String location() {
    return context.request().path();
  }

  void end(int status) {
    context.response().setStatusCode(status).end();
  }

  void end(int status, JsonText body) {
    HttpServerResponse response = context.response().setStatusCode(status);
    response.putHeader("content-type", "application/json; charset=utf-8").end(body.text());
  }

  void fail(Problem problem) {
    respond(context, problem);
  }

  static void respond(RoutingContext context, Problem problem) {
    HttpServerResponse response = context.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    if (problem.status() == 401) {
      response.putHeader("www-authenticate", Credentials.CHALLENGE);
    }
    response
        .setStatusCode(problem.status())
        .putHeader("content-type", Problem.MEDIA_TYPE)
        .putHeader("cache-control", "no-store")
        .end(problem.toJson().text());
  }
}
