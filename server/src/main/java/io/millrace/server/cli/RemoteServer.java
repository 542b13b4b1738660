package io.millrace.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running server, seen through its HTTP API ({@code docs/http-api.md}). */
final class RemoteServer {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private final RemoteOptions options;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

  RemoteServer(RemoteOptions options) {
    this.options = options;
  }

  /** What the server said to a request that it did not carry out. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Asks, and answers the body.
   *
   * @param kind such as {@code records}
   * @param body null for none
   */
  String ask(String method, String kind, String name, @Nullable String body, String contentType)
      throws IOException, InterruptedException, RefusedException {
    HttpRequest.Builder request =
        request(kind, name, "")
            .timeout(ANSWER_TIMEOUT)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", contentType);
    }
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() >= 400) {
      throw new RefusedException(reason(response.statusCode(), response.body()));
    }
    return response.body();
  }

  /**
   * The lines of a record's stream of server-sent events, for as long as the connection lasts.
   *
   * @param lastEventId where to go on, null for the beginning
   */
  Stream<String> stream(String name, @Nullable String lastEventId)
      throws IOException, InterruptedException, RefusedException {
    HttpRequest.Builder request =
        request("records", name, "/stream").header("Accept", "text/event-stream");
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpResponse<Stream<String>> response = client.send(request.build(), BodyHandlers.ofLines());
    if (response.statusCode() >= 400) {
      try (Stream<String> lines = response.body()) {
        throw new RefusedException(
            reason(response.statusCode(), String.join("\n", lines.toList())));
      }
    }
    return response.body();
  }

  private HttpRequest.Builder request(String kind, String name, String rest) {
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    String base = options.url().toString().replaceAll("/+$", "");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/v1/" + kind + "/" + encoded + rest));
    options.authorization().ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  /** One line out of problem details (RFC 9457), or of whatever else came. */
  private static String reason(int status, String body) {
    JsonNode problem = Json.parse(body).orElse(null);
    String text =
        problem == null
            ? body
            : Stream.of("title", "detail")
                .map(key -> problem.path(key).asText(""))
                .filter(part -> !part.isEmpty())
                .reduce((title, detail) -> title + ": " + detail)
                .orElse(body);
    return (status + " " + text).replaceAll("\\s+", " ").strip();
  }
}
