package io.millrace.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A caller of a server's HTTP API. */
public final class HttpProbe implements AutoCloseable {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base;

  /** A response whose body is text. */
  public record Reply(int status, String body, HttpResponse<String> raw) {
    public String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }

    public JsonNode json() {
      return Json.parse(body).orElseThrow(() -> new AssertionError("not JSON: " + body));
    }
  }

  public HttpProbe(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  /** Posts a batch, and answers its results. */
  public JsonNode batch(String items) throws IOException, InterruptedException {
    Reply reply = postBatch("{\"body\":[" + items + "]}");
    if (reply.status() != 200) {
      throw new AssertionError(reply.status() + " " + reply.body());
    }
    return reply.json();
  }

  public Reply postBatch(String body) throws IOException, InterruptedException {
    return send("POST", "/api", body, "content-type", "application/json");
  }

  /** Sends a request; an empty body is none. */
  public Reply send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(90))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body(), response);
  }

  public Reply get(String path, String... headers) throws IOException, InterruptedException {
    return send("GET", path, "", headers);
  }

  public Reply put(String path, String json, String... more)
      throws IOException, InterruptedException {
    String[] headers = new String[more.length + 2];
    headers[0] = "content-type";
    headers[1] = "application/json";
    System.arraycopy(more, 0, headers, 2, more.length);
    return send("PUT", path, json, headers);
  }

  @Override
  public void close() {
    client.close();
  }
}
