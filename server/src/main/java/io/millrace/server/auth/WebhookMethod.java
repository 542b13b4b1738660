package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.AuthConfig;
import io.millrace.server.outbound.BoundedBody;
import io.millrace.server.outbound.Failure;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Asks a web service: POST {@code {connectionData, authData}} (protocol §8.2). Never blocks; a
 * bounded number of requests is under way at once, the others wait.
 *
 * <p>Unlike in the reference, a redirected request stays a POST with its body: as a GET it might
 * end at a page that welcomes everybody.
 */
final class WebhookMethod implements AuthMethod {

  /** What the client is told when the service could not be asked (§8.2). */
  static final String ATTEMPTS_EXCEEDED = "AUTH_RETRY_ATTEMPTS_EXCEEDED";

  private static final int MAX_ANSWER = 64 * 1024;
  private static final int MAX_REDIRECTS = 2;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** Each is a connection to the service. */
  private static final int MAX_REQUESTS = 128;

  /** They only pass things on. */
  private static final int THREADS = 2;

  private final AuthConfig.Http config;
  private final URI endpoint;
  private final boolean report;
  private final Availability service = new Availability("the webhook (auth type http)");
  private final ExecutorService threads = LoginQueue.threads("login-webhook", THREADS);
  private final LoginQueue queue = new LoginQueue(threads, MAX_REQUESTS);
  private final HttpClient client;

  WebhookMethod(AuthConfig.Http config, boolean only) {
    this.config = config;
    this.endpoint = URI.create(config.endpointUrl());
    this.report = Objects.requireNonNullElse(config.reportInvalidParameters(), only);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.requestTimeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
  }

  @Override
  public String name() {
    return "http";
  }

  @Override
  public CompletionStage<Verdict> check(LoginAttempt attempt) {
    ObjectNode question = JsonNodeFactory.instance.objectNode();
    question.set("connectionData", attempt.connectionData().toJson());
    question.set("authData", attempt.authData());
    HttpRequest.Builder request =
        HttpRequest.newBuilder()
            .header("content-type", "application/json; charset=utf-8")
            .POST(BodyPublishers.ofString(Json.text(question).text()));
    for (String name : config.promoteToHeader()) {
      headerValue(attempt.authData().path(name)).ifPresent(value -> request.header(name, value));
    }
    return ask(request, config.retryAttempts());
  }

  /** What no header can carry stays in the body only. */
  private static Optional<String> headerValue(JsonNode value) {
    return value.isValueNode() && !value.isNull() && value.asText().matches("[\\x20-\\x7e]*")
        ? Optional.of(value.asText())
        : Optional.empty();
  }

  private CompletionStage<Verdict> ask(HttpRequest.Builder request, int attemptsLeft) {
    return queue
        .submit(() -> exchange(request), Optional.of(LoginQueue.BUSY))
        .thenCompose(
            verdict ->
                verdict
                    .<CompletionStage<Verdict>>map(CompletableFuture::completedFuture)
                    .orElseGet(() -> askAgain(request, attemptsLeft)));
  }

  private CompletionStage<Verdict> askAgain(HttpRequest.Builder request, int attemptsLeft) {
    if (attemptsLeft == 0) {
      return CompletableFuture.completedFuture(Verdict.refusedBecause(ATTEMPTS_EXCEEDED));
    }
    Executor later =
        CompletableFuture.delayedExecutor(
            config.retryInterval().toMillis(), TimeUnit.MILLISECONDS, threads);
    return CompletableFuture.supplyAsync(() -> ask(request, attemptsLeft - 1), later)
        .thenCompose(verdict -> verdict);
  }

  /** One question and its answer, with one limit for the time of both; empty: ask again. */
  private CompletionStage<Optional<Verdict>> exchange(HttpRequest.Builder request) {
    AtomicReference<CompletableFuture<?>> current = new AtomicReference<>();
    return send(request, endpoint, MAX_REDIRECTS, current)
        .orTimeout(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (response, failure) -> {
              if (failure == null) {
                service.isBack();
                return judge(response);
              }
              // A request whose time is over still holds its connection.
              Optional.ofNullable(current.get()).ifPresent(sending -> sending.cancel(true));
              service.isAway(Failure.kind(failure));
              return Optional.empty();
            });
  }

  private CompletableFuture<HttpResponse<byte[]>> send(
      HttpRequest.Builder request,
      URI target,
      int redirectsLeft,
      AtomicReference<CompletableFuture<?>> current) {
    CompletableFuture<HttpResponse<byte[]>> sending =
        client.sendAsync(
            request.copy().uri(target).build(), response -> new BoundedBody(MAX_ANSWER));
    current.set(sending);
    return sending.thenCompose(
        response -> {
          Optional<URI> next = redirectsLeft > 0 ? redirect(target, response) : Optional.empty();
          return next.isPresent()
              ? send(request, next.get(), redirectsLeft - 1, current)
              : CompletableFuture.completedFuture(response);
        });
  }

  /** Where the answer sends us, unless credentials would travel in the clear from there on. */
  private static Optional<URI> redirect(URI from, HttpResponse<?> response) {
    if (!REDIRECTS.contains(response.statusCode())) {
      return Optional.empty();
    }
    return response.headers().firstValue("location").flatMap(location -> resolve(from, location));
  }

  private static Optional<URI> resolve(URI from, String location) {
    try {
      URI next = from.resolve(new URI(location));
      boolean secure = "https".equalsIgnoreCase(next.getScheme());
      boolean plain = "http".equalsIgnoreCase(next.getScheme());
      boolean asSecure = secure || (plain && !"https".equalsIgnoreCase(from.getScheme()));
      return asSecure && next.getHost() != null ? Optional.of(next) : Optional.empty();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<Verdict> judge(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (config.permittedStatusCodes().contains(status)) {
      return Optional.of(new Verdict.Decided(WebhookAnswer.accepted(response)));
    }
    if (config.retryStatusCodes().contains(status)) {
      return Optional.empty();
    }
    return Optional.of(report ? Verdict.refused(WebhookAnswer.refusal(response)) : Verdict.UNKNOWN);
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }
}
