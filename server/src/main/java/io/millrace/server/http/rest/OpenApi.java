package io.millrace.server.http.rest;

import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The description of the API (OpenAPI 3.1), written by hand and held against the routes by a test.
 */
final class OpenApi {
  private static final String RESOURCE = "openapi.json";

  private final String text;

  /**
   * @param base the path that all paths of the description are below
   */
  OpenApi(String base) {
    // Quotes and the like cannot be in a configured path unescaped: spaces and braces are refused.
    this.text = read().replace("\"/api/v1\"", '"' + base + '"');
  }

  static String read() {
    try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void send(RoutingContext context) {
    context
        .response()
        .putHeader("content-type", "application/json; charset=utf-8")
        .putHeader("cache-control", "public, max-age=300")
        .end(text);
  }
}
