package io.millrace.server.http;

import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.WebSocketConfig;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one port of the server: WebSocket upgrades on the configured paths, health and metrics, and
 * static pages if there are any. One server per event loop shares the port.
 */
public final class HttpEndpoint implements AutoCloseable {

  /**
   * As many as may return at once after a network break: a shorter queue made 8,000 clients lose
   * seconds to SYN retries.
   */
  private static final int ACCEPT_BACKLOG = 8192;

  /** Longer than the silence between two heartbeats of a stream. */
  private static final Duration MIN_IDLE = Duration.ofMinutes(1);

  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private static final Pattern MALFORMED_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  /** Longer than an answer takes, unless something is wrong. */
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final String deployment;
  private final List<HttpServer> servers;
  private final int port;

  private HttpEndpoint(Vertx vertx, String deployment, List<HttpServer> servers, int port) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.servers = servers;
    this.port = port;
  }

  /**
   * What the endpoint serves.
   *
   * @param leaving whether connections are to end with the next response
   * @param welcomes whether sockets are taken at the path now
   * @param sockets gets upgraded sockets, on their event loop
   * @param api puts the routes of the HTTP API onto the router of one event loop
   * @param metrics the metrics as Prometheus text
   */
  public record Routes(
      BooleanSupplier leaving,
      Predicate<String> welcomes,
      Handler<ServerWebSocket> sockets,
      Consumer<Router> api,
      Readiness readiness,
      Supplier<String> metrics,
      Optional<StaticFiles> pages) {}

  /**
   * Binds the port. Blocks until that is done.
   *
   * @throws HttpBindException if the port cannot be had
   */
  public static HttpEndpoint start(Vertx vertx, MillraceConfig config, int loops, Routes routes) {
    return start(vertx, config, loops, routes, idleTimeout(config.http().requestTimeout()));
  }

  /**
   * How long nothing may pass on a connection that is no WebSocket: a request that does not come to
   * its end, or a response of which nothing is read and which takes memory until then (P6). As long
   * as a request may take at most, so that nobody is cut off who waits for an answer.
   */
  static Duration idleTimeout(Duration requestTimeout) {
    Duration longest = requestTimeout.multipliedBy(3);
    return longest.compareTo(MIN_IDLE) < 0 ? MIN_IDLE : longest;
  }

  static HttpEndpoint start(
      Vertx vertx, MillraceConfig config, int loops, Routes routes, Duration idle) {
    AtomicInteger port = new AtomicInteger();
    List<HttpServer> servers = new CopyOnWriteArrayList<>();
    try {
      String deployment =
          vertx
              .deployVerticle(
                  () -> new Listener(config, routes, port, servers, idle),
                  new DeploymentOptions().setInstances(loops))
              .toCompletionStage()
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS);
      return new HttpEndpoint(vertx, deployment, servers, port.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HttpBindException(config.server(), e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new HttpBindException(config.server(), e.getCause() == null ? e : e.getCause());
    }
  }

  /** The port that was bound; differs from the configured one only if that is 0. */
  public int port() {
    return port;
  }

  /** Stops accepting; requests that were accepted have a moment to end. Blocks until then. */
  @Override
  public void close() {
    CompletableFuture.allOf(
            servers.stream()
                .map(server -> server.shutdown(LAST_REQUESTS).toCompletionStage())
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new))
        .exceptionally(failure -> null)
        .join();
    vertx.undeploy(deployment).toCompletionStage().toCompletableFuture().join();
  }

  private static final class Listener extends AbstractVerticle {
    private final MillraceConfig config;
    private final Routes routes;
    private final AtomicInteger port;
    private final List<HttpServer> servers;
    private final Duration idle;
    private final Set<String> socketPaths;

    Listener(
        MillraceConfig config,
        Routes routes,
        AtomicInteger port,
        List<HttpServer> servers,
        Duration idle) {
      this.config = config;
      this.routes = routes;
      this.port = port;
      this.servers = servers;
      this.idle = idle;
      this.socketPaths =
          config.websocket().endpoints().stream()
              .map(WebSocketConfig.Endpoint::path)
              .collect(Collectors.toUnmodifiableSet());
    }

    /** For port 0 any free one, the same for all instances. */
    private SocketAddress address() {
      String host = config.server().host();
      int wanted = config.server().port();
      return wanted == 0
          ? SocketAddress.sharedRandomPort(1, host)
          : SocketAddress.inetSocketAddress(wanted, host);
    }

    @Override
    public void start(Promise<Void> started) {
      int maxMessageSize = config.websocket().maxMessageSize().bytesAsInt();
      HttpServer server =
          vertx.createHttpServer(
              new HttpServerOptions()
                  .setAcceptBacklog(ACCEPT_BACKLOG)
                  .setReuseAddress(true)
                  .setTcpNoDelay(true)
                  .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                  .setIdleTimeout((int) Math.min(idle.toMillis(), Integer.MAX_VALUE))
                  .setMaxWebSocketFrameSize(maxMessageSize)
                  .setMaxWebSocketMessageSize(maxMessageSize)
                  .setPerMessageWebSocketCompressionSupported(false)
                  .setPerFrameWebSocketCompressionSupported(false));
      servers.add(server);
      Router router = router();
      server
          .requestHandler(request -> handle(request, router))
          .listen(address())
          .onComplete(
              bound -> {
                if (bound.failed()) {
                  started.fail(bound.cause());
                  return;
                }
                port.set(bound.result().actualPort());
                started.complete();
              });
    }

    private Router router() {
      Router router = Router.router(vertx);
      routes.api().accept(router);
      router.route().handler(Listener::requireReading);
      router.route("/health/live").handler(context -> text(context.response(), 200, "alive"));
      router
          .route("/health-check")
          .handler(
              context ->
                  context
                      .response()
                      .putHeader("content-type", "application/json; charset=utf-8")
                      .end());
      router.route("/health/ready").handler(context -> ready(context.response()));
      router
          .route("/metrics")
          .handler(
              context ->
                  context
                      .response()
                      .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                      .end(routes.metrics().get()));
      router.route().handler(this::page);
      return router;
    }

    private static void requireReading(RoutingContext context) {
      if (READING.contains(context.request().method())) {
        context.next();
      } else {
        text(context.response(), 405, "only GET and HEAD are allowed here");
      }
    }

    private void ready(HttpServerResponse response) {
      Optional<String> reason = routes.readiness().notReady();
      text(response, reason.isEmpty() ? 200 : 503, reason.orElse("ready"));
    }

    private void page(RoutingContext context) {
      String path = context.request().path();
      HttpServerResponse response = context.response();
      if (routes.pages().isEmpty() || !routes.pages().get().send(path, response)) {
        text(response, 404, "there is nothing at " + path);
      }
    }

    private void handle(HttpServerRequest request, Router router) {
      String path = request.path() == null ? "/" : request.path();
      if (isUpgrade(request)) {
        upgrade(request, path);
        return;
      }
      if (routes.leaving().getAsBoolean() && request.version() != HttpVersion.HTTP_2) {
        // A load balancer would keep the connection and send the next request here. HTTP/2 forbids
        // the header, and announces the end by itself.
        request.response().putHeader("connection", "close");
      }
      if (MALFORMED_ESCAPE.matcher(path).find()) {
        // The router would log a stack trace for each of them.
        text(request.response(), 400, "the path is not well percent-encoded");
      } else {
        router.handle(request);
      }
    }

    private void upgrade(HttpServerRequest request, String path) {
      if (!socketPaths.contains(path)) {
        text(
            request.response(),
            404,
            "no WebSocket endpoint at " + path + ", but at " + String.join(", ", socketPaths));
        return;
      }
      if (!routes.welcomes().test(path)) {
        // Had it been opened, clients would count it as a success and come back at once.
        text(request.response(), 503, "this node is leaving, or not ready yet");
        return;
      }
      request.toWebSocket().onSuccess(routes.sockets());
    }

    private static boolean isUpgrade(HttpServerRequest request) {
      return "websocket".equalsIgnoreCase(request.getHeader("upgrade"));
    }

    private static void text(HttpServerResponse response, int status, String text) {
      response
          .setStatusCode(status)
          .putHeader("content-type", "text/plain; charset=utf-8")
          .end(text + "\n");
    }
  }
}
