package io.millrace.server.http.entry;

import io.millrace.server.config.HttpConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of browsers may call (protocol §7.2). Not Vert.x's own handler: that one lets
 * preflights for any method and header pass.
 */
public final class Cors {
  private static final String MAX_AGE_SECONDS = "600";

  private final HttpConfig.Cors config;
  private final Set<String> methods;
  private final Set<String> headers;
  private final String exposed;
  private final boolean isStrict;

  /**
   * @param headers in lower case
   * @param exposed what pages may read of responses
   * @param isStrict whether a request must say where it comes from when origins are listed, and a
   *     preflight which headers it wants: so does the reference; but who is no browser has no
   *     origin, and browsers name no headers when there are none
   */
  public Cors(
      HttpConfig.Cors config,
      Set<String> methods,
      Set<String> headers,
      String exposed,
      boolean isStrict) {
    this.config = config;
    this.methods = methods;
    this.headers = headers;
    this.exposed = exposed;
    this.isStrict = isStrict;
  }

  /** Lets the request go on, or answers it. */
  public void handle(RoutingContext context) {
    MultiMap asked = context.request().headers();
    HttpServerResponse response = context.response();
    String origin = asked.get("origin");
    if (config.allowAllOrigins()) {
      response.putHeader("access-control-allow-origin", "*");
    } else {
      response.putHeader("vary", "Origin");
      String from = origin == null ? originOf(asked.get("referer")) : origin;
      if (from == null ? isStrict : !config.origins().contains(from)) {
        context.fail(new Refusal(403, "CORS violation: this origin is not allowed"));
        return;
      }
      if (from != null) {
        response
            .putHeader("access-control-allow-origin", from)
            .putHeader("access-control-allow-credentials", "true");
      }
    }
    if (context.request().method().equals(HttpMethod.OPTIONS)) {
      preflight(context, asked);
      return;
    }
    if (!exposed.isEmpty()) {
      response.putHeader("access-control-expose-headers", exposed);
    }
    context.next();
  }

  private void preflight(RoutingContext context, MultiMap asked) {
    String method = asked.get("access-control-request-method");
    String wanted = asked.get("access-control-request-headers");
    if (method == null || (wanted == null && isStrict)) {
      context.fail(
          new Refusal(
              400,
              "A preflight needs Access-Control-Request-Method and"
                  + " Access-Control-Request-Headers"));
      return;
    }
    if (!methods.contains(method)) {
      context.fail(new Refusal(403, "CORS violation: this method is not allowed"));
      return;
    }
    if (wanted != null && !areAllowed(wanted)) {
      context.fail(new Refusal(403, "CORS violation: one of the headers is not allowed"));
      return;
    }
    context
        .response()
        .setStatusCode(204)
        .putHeader("access-control-allow-methods", String.join(", ", methods))
        .putHeader("access-control-allow-headers", String.join(", ", headers))
        .putHeader("access-control-max-age", MAX_AGE_SECONDS)
        .end();
  }

  private boolean areAllowed(String wanted) {
    for (String each : wanted.split(",", -1)) {
      if (!each.isBlank() && !headers.contains(each.strip().toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  /** Scheme, host and port of an address. */
  private static @Nullable String originOf(@Nullable String address) {
    if (address == null) {
      return null;
    }
    int host = address.indexOf("://");
    int end = host < 0 ? -1 : address.indexOf('/', host + 3);
    return end < 0 ? address : address.substring(0, end);
  }
}
