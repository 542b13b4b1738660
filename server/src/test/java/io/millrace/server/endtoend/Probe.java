package io.millrace.server.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What a server on loopback says of itself over HTTP. */
final class Probe {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Probe() {}

  /** Whether {@code /health/ready} says so. */
  static boolean isReady(int port) {
    return get(port, "/health/ready").statusCode() == 200;
  }

  /** The sum of a metric's samples over all its labels, as {@code /metrics} says it. */
  static double metric(int port, String name) {
    return get(port, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static HttpResponse<String> get(int port, String path) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for " + path, e);
    }
  }
}
