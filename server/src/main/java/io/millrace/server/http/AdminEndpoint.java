package io.millrace.server.http;

import io.millrace.server.config.AdminConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The port for operators: {@code POST /drain} has the node hand over its work and end, health and
 * metrics say how it is. Nobody logs in here, so it is to be reached by operators only.
 */
public final class AdminEndpoint implements AutoCloseable {
  private final HttpServer server;

  private AdminEndpoint(HttpServer server) {
    this.server = server;
  }

  /**
   * Binds the port. Blocks until that is done.
   *
   * @param drain is run for each {@code POST /drain}, and must return at once
   * @throws HttpBindException if the port cannot be had
   */
  public static AdminEndpoint start(
      Vertx vertx,
      AdminConfig config,
      int port,
      Runnable drain,
      Readiness readiness,
      Supplier<String> metrics) {
    try {
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(request -> handle(request, drain, readiness, metrics))
              .listen(port, config.host())
              .toCompletionStage()
              .toCompletableFuture()
              .join();
      return new AdminEndpoint(server);
    } catch (CompletionException e) {
      throw new HttpBindException(config.host(), port, e.getCause() == null ? e : e.getCause());
    }
  }

  /** The port that was bound. */
  public int port() {
    return server.actualPort();
  }

  private static void handle(
      HttpServerRequest request, Runnable drain, Readiness readiness, Supplier<String> metrics) {
    String path = request.path() == null ? "/" : request.path();
    switch (path) {
      case "/drain" -> {
        if (request.method().equals(HttpMethod.POST)) {
          drain.run();
          answer(request, 202, "the node hands over its work and ends");
        } else {
          answer(request, 405, "POST has the node hand over its work and end");
        }
      }
      case "/health/live" -> answer(request, 200, "alive");
      case "/health/ready" -> {
        Optional<String> reason = readiness.notReady();
        answer(request, reason.isEmpty() ? 200 : 503, reason.orElse("ready"));
      }
      case "/metrics" -> {
        request.response().putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
        request.response().end(metrics.get());
      }
      default ->
          answer(request, 404, "here are POST /drain, /health/live, /health/ready and /metrics");
    }
  }

  private static void answer(HttpServerRequest request, int status, String text) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end(text + "\n");
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
