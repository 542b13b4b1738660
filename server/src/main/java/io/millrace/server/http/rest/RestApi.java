package io.millrace.server.http.rest;

import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.config.HttpConfig;
import io.millrace.server.config.RecordConfig;
import io.millrace.server.http.entry.Cors;
import io.millrace.server.http.entry.Entrance;
import io.millrace.server.http.entry.HttpLogin;
import io.millrace.server.http.entry.Refusal;
import io.millrace.server.http.sse.RecordStreams;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes of the resource-oriented API, below the batch endpoint's path. */
public final class RestApi {
  private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);
  static final String VERSION = "/v1";

  private final String base;
  private final Entrance entrance;
  private final RecordStreams streams;
  private final OpenApi description;
  private final Cors cors;
  private final List<RestRoute> routes;

  public RestApi(
      HttpConfig config, RecordConfig records, Entrance entrance, RecordStreams streams) {
    this.base = config.path().replaceFirst("/$", "") + VERSION;
    this.entrance = entrance;
    this.streams = streams;
    this.description = new OpenApi(base);
    this.routes = routes(new RecordResource(records));
    this.cors =
        new Cors(
            config.cors(),
            new LinkedHashSet<>(
                List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
            Set.of(
                "accept",
                "authorization",
                "cache-control",
                "content-type",
                "if-match",
                "if-none-match",
                "last-event-id",
                "x-requested-with"),
            "ETag, Location",
            false);
  }

  /** Every operation. The stream comes before the record, whose name may end like it. */
  static List<RestRoute> routes(RecordResource records) {
    String record = "/records/{name}";
    return List.of(
        new RestRoute(HttpMethod.GET, record + "/stream", new RestRoute.Stream()),
        operation(HttpMethod.GET, record, records::get),
        operation(HttpMethod.HEAD, record, records::head),
        operation(HttpMethod.PUT, record, records::put),
        operation(HttpMethod.PATCH, record, records::patch),
        operation(HttpMethod.DELETE, record, records::delete),
        operation(HttpMethod.POST, "/events/{name}", Messages::emit),
        operation(HttpMethod.POST, "/rpc/{name}", Messages::call),
        operation(HttpMethod.GET, "/presence", Messages::presence),
        new RestRoute(HttpMethod.GET, "/openapi.json", new RestRoute.Description()));
  }

  private static RestRoute operation(
      HttpMethod method, String template, RestRoute.Handler handler) {
    return new RestRoute(method, template, new RestRoute.Operation(handler));
  }

  public void mount(Router router) {
    BodyHandler body = entrance.body();
    router.route(base + "/*").handler(cors::handle).failureHandler(RestApi::failed);
    for (RestRoute route : routes) {
      Route mounted = route.mount(router, base).failureHandler(RestApi::failed);
      switch (route.access()) {
        case RestRoute.Operation(RestRoute.Handler handler) ->
            mounted
                .handler(entrance::admit)
                .handler(body::handle)
                .handler(context -> serve(context, route, handler));
        case RestRoute.Stream() -> mounted.handler(context -> stream(context, route));
        case RestRoute.Description() -> mounted.handler(description::send);
      }
    }
    routes.stream()
        .map(RestRoute::template)
        .distinct()
        .forEach(template -> refuseOtherMethods(router, template));
    router
        .route(base + "/*")
        .handler(
            context -> {
              throw new Refusal(404, "There is nothing at this path");
            })
        .failureHandler(RestApi::failed);
  }

  private void refuseOtherMethods(Router router, String template) {
    List<RestRoute> same =
        routes.stream().filter(route -> route.template().equals(template)).toList();
    String allowed = String.join(", ", same.stream().map(route -> route.method().name()).toList());
    same.get(0)
        .mountAny(router, base)
        .handler(
            context -> {
              context.response().putHeader("allow", allowed);
              throw new Refusal(405, "Only these methods are allowed here: " + allowed);
            })
        .failureHandler(RestApi::failed);
  }

  private void serve(RoutingContext context, RestRoute route, RestRoute.Handler handler) {
    String name = route.nameIn(base, context.request().path());
    login(
        context,
        accepted -> {
          Exchange exchange = new Exchange(context, name, entrance.calls(context, accepted.user()));
          try {
            handler.handle(exchange);
          } catch (Refusal refusal) {
            // The login may have answered later, where Vert.x does not catch it.
            context.fail(refusal);
          }
        });
  }

  private void stream(RoutingContext context, RestRoute route) {
    String name = route.nameIn(base, context.request().path());
    login(context, accepted -> open(context, name, accepted));
  }

  private void open(RoutingContext context, String name, AuthOutcome.Accepted accepted) {
    streams.open(context, name, accepted, failed -> Exchange.respond(context, Problem.of(failed)));
  }

  private void login(RoutingContext context, Consumer<AuthOutcome.Accepted> callback) {
    Credentials.read(context.request().getHeader("authorization"))
        .ifPresentOrElse(
            authData ->
                entrance.login(
                    context,
                    authData,
                    outcome -> {
                      switch (outcome) {
                        case AuthOutcome.Accepted accepted -> callback.accept(accepted);
                        case AuthOutcome.Refused refused ->
                            context.fail(new Refusal(401, HttpLogin.text(refused)));
                      }
                    }),
            () -> context.fail(new Refusal(401, "The Authorization header is not understood")));
  }

  private static void failed(RoutingContext context) {
    if (context.failure() instanceof Refusal refusal) {
      Exchange.respond(context, Problem.of(refusal.status(), refusal.text()));
      return;
    }
    if (context.statusCode() == 413) {
      Exchange.respond(context, Problem.of(413, "The body is too large"));
      return;
    }
    LOG.warn("a request failed", context.failure());
    Exchange.respond(context, Problem.of(500, "Internal error"));
  }
}
