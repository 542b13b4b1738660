package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.SchemaRegistryConfig;
import io.millrace.server.outbound.BoundedBody;
import io.millrace.server.outbound.Failure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's REST API, as Confluent, Karapace, Redpanda and Apicurio speak it: {@code GET
 * /schemas/ids/ID}, then {@code GET /subjects/SUBJECT/versions/VERSION} for each reference. One
 * address is asked for all of it; after anything but an answer, the next is.
 */
final class RegistryClient implements SchemaFetch {
  private static final int MAX_ANSWER = 8 << 20;
  private static final int MAX_REFERENCES = 500;
  private static final long MAX_CHARACTERS = 16L << 20;

  /** Schema, subject and version that are not there; a 404 without is not from a registry. */
  private static final Set<Integer> NOT_FOUND = Set.of(40401, 40402, 40403);

  /** It does not like this very id; asking for it again and again would stop its partition. */
  private static final Set<Integer> BAD_REQUEST = Set.of(400, 422);

  /** The registry has answered, and something it should have is not there. */
  private static final class NotFound extends Exception {
    NotFound() {
      super("not found", null, false, false);
    }
  }

  private final SchemaRegistryConfig config;
  private final List<String> urls;
  private final AtomicInteger current = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("schema-http-", 0).factory());
  private final HttpClient client;

  /**
   * @throws IllegalArgumentException if a file of keys or certificates cannot be used
   */
  RegistryClient(SchemaRegistryConfig config) {
    this.config = config;
    this.urls = config.urls().stream().map(url -> url.replaceFirst("/+$", "")).toList();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.requestTimeout())
            // Elsewhere our credentials are nobody's business.
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads);
    RegistryTls.context(config.tls()).ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  @Override
  public Answer fetch(int id) throws InterruptedException {
    String reason = "no address";
    for (int i = 0; i < urls.size(); i++) {
      int tried = current.get();
      String url = urls.get(Math.floorMod(tried, urls.size()));
      try {
        return new Answer.Found(schema(url, id));
      } catch (NotFound e) {
        // Another replica may know more, at the next try.
        current.compareAndSet(tried, tried + 1);
        return new Answer.Unknown();
      } catch (BoundedBody.TooLarge e) {
        return new Answer.Unusable(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        current.compareAndSet(tried, tried + 1);
        reason = url + ": " + e.getMessage();
      }
    }
    return new Answer.Failed(reason);
  }

  private RegisteredSchema schema(String url, int id)
      throws IOException, NotFound, InterruptedException {
    JsonNode answer = get(url + "/schemas/ids/" + id);
    // Avro was all there was, so it needs no name.
    String type = answer.path("schemaType").asText("AVRO");
    Map<String, String> references = new LinkedHashMap<>();
    if (!type.equals("JSON")) {
      collect(url, answer, references, new HashSet<>());
    }
    return new RegisteredSchema(type, text(answer), references);
  }

  /** What a reference uses comes before it. */
  private void collect(
      String url, JsonNode schema, Map<String, String> collected, Set<String> visited)
      throws IOException, NotFound, InterruptedException {
    for (JsonNode reference : schema.path("references")) {
      String name = reference.path("name").asText();
      if (!visited.add(name)) {
        continue;
      }
      if (visited.size() > MAX_REFERENCES) {
        throw new BoundedBody.TooLarge("has more than " + MAX_REFERENCES + " references");
      }
      String subject = reference.path("subject").asText();
      String version = Integer.toString(reference.path("version").asInt());
      JsonNode answer = get(url + "/subjects/" + segment(subject) + "/versions/" + version);
      collect(url, answer, collected, visited);
      collected.put(name, text(answer));
      if (collected.values().stream().mapToLong(String::length).sum() > MAX_CHARACTERS) {
        throw new BoundedBody.TooLarge("has more than " + MAX_CHARACTERS + " bytes of references");
      }
    }
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String text(JsonNode answer) throws IOException {
    JsonNode schema = answer.path("schema");
    if (!schema.isTextual()) {
      throw new IOException("an answer without a schema");
    }
    return schema.asText();
  }

  private JsonNode get(String target) throws IOException, NotFound, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target))
            .header("accept", "application/vnd.schemaregistry.v1+json, application/json");
    String authorization = authorization(config);
    if (authorization != null) {
      request.header("authorization", authorization);
    }
    HttpResponse<byte[]> response = send(request.build());
    JsonNode body = Json.parse(new String(response.body(), StandardCharsets.UTF_8)).orElse(null);
    boolean unknown =
        response.statusCode() == 404
            && body != null
            && NOT_FOUND.contains(body.path("error_code").asInt());
    if (unknown || BAD_REQUEST.contains(response.statusCode())) {
      throw new NotFound();
    }
    if (response.statusCode() != 200) {
      throw new IOException("answered with status " + response.statusCode());
    }
    if (body == null) {
      throw new IOException("answered with something else than JSON");
    }
    return body;
  }

  private static @Nullable String authorization(SchemaRegistryConfig config) {
    if (config.bearerToken() != null) {
      return "Bearer " + config.bearerToken();
    }
    if (config.user() == null) {
      return null;
    }
    String both = config.user() + ":" + Objects.requireNonNullElse(config.password(), "");
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
  }

  /** The timeout is for all of the answer; the client's own ends with the headers. */
  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> sending =
        client.sendAsync(request, response -> new BoundedBody(MAX_ANSWER));
    try {
      return sending.get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      sending.cancel(true);
      throw new IOException("no answer within " + config.requestTimeout().toMillis() + " ms", e);
    } catch (InterruptedException e) {
      sending.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BoundedBody.TooLarge tooLarge) {
        throw tooLarge;
      }
      throw new IOException(Failure.kind(e), e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }
}
