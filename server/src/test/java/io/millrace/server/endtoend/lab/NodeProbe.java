package io.millrace.server.endtoend.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/** What a node says of itself over HTTP, if it answers. */
final class NodeProbe {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 15;
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  private NodeProbe() {}

  /**
   * What keeps it from being ready, seeing that many nodes, being linked to them, and having all
   * records where they have to be; empty if nothing does.
   */
  static String lacking(InetSocketAddress node, int nodes) {
    try {
      HttpResponse<String> ready = get(node, "/health/ready");
      if (ready.statusCode() != 200) {
        return "is not ready: " + ready.body();
      }
      String metrics = get(node, "/metrics").body();
      double seen = sum(metrics, "millrace_cluster_nodes");
      double linked = sum(metrics, "millrace_links_streams");
      if (seen != nodes || linked != nodes - 1) {
        return "sees %.0f nodes and can send to %.0f".formatted(seen, linked);
      }
      return sum(metrics, "millrace_cluster_safe") == 1 ? "" : "is not safe";
    } catch (IOException notNow) {
      return "does not answer: " + notNow;
    }
  }

  /**
   * The sum of a metric's samples that have all these labels. Asks a node again that hangs for a
   * moment; 0 if it does not answer at all.
   */
  static double metric(InetSocketAddress node, String name, String... labels) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return sum(get(node, "/metrics").body(), name, labels);
      } catch (HttpTimeoutException hangs) {
        continue;
      } catch (IOException notThere) {
        break;
      }
    }
    return 0;
  }

  private static double sum(String metrics, String name, String... labels) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static HttpResponse<String> get(InetSocketAddress node, String path) throws IOException {
    URI uri =
        URI.create(
            "http://%s:%d%s".formatted(node.getAddress().getHostAddress(), node.getPort(), path));
    try {
      return HTTP.send(
          HttpRequest.newBuilder(uri).timeout(PATIENCE).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for " + path, e);
    }
  }
}
