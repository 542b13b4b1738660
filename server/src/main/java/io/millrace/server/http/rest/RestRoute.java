package io.millrace.server.http.rest;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.regex.Pattern;

/**
 * One operation of the API.
 *
 * @param template the path below the API's, as OpenAPI writes it, with at most one {@code {name}}
 */
record RestRoute(HttpMethod method, String template, Access access) {
  private static final String NAME = "{name}";

  /** How an operation is served. */
  sealed interface Access {}

  /** To somebody who is known, with a body. */
  record Operation(Handler handler) implements Access {}

  /** To somebody who is known, for as long as they like. */
  record Stream() implements Access {}

  /** To everybody: the description of the API. */
  record Description() implements Access {}

  interface Handler {
    void handle(Exchange exchange);
  }

  Route mount(Router router, String base) {
    // Names hold slashes, so a segment of Vert.x's templates would be too short.
    return router.routeWithRegex(method, pattern(base));
  }

  /** Any method at this path. */
  Route mountAny(Router router, String base) {
    return router.routeWithRegex(pattern(base));
  }

  private String pattern(String base) {
    String path = base + template;
    int name = path.indexOf(NAME);
    return name < 0
        ? Pattern.quote(path)
        : Pattern.quote(path.substring(0, name))
            + ".+"
            + Pattern.quote(path.substring(name + NAME.length()));
  }

  /** What the raw path names, "" if the template has no name. */
  String nameIn(String base, String rawPath) {
    String path = base + template;
    int name = path.indexOf(NAME);
    return name < 0
        ? ""
        : Names.of(rawPath, path.substring(0, name), path.substring(name + NAME.length()));
  }
}
