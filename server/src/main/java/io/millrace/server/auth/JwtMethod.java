package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.TokenVerifier.Result;
import io.millrace.server.config.AuthConfig;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Signed tokens: {@code {token: ...}} or {@code {jwt: ...}} in the login data; without one this
 * does not know. The session ends when the token does.
 *
 * <p>A token of ours that has expired is always refused, with {@code {error: "TOKEN_EXPIRED"}}, and
 * never left to the next way to log in: nobody should silently become someone else.
 */
final class JwtMethod implements AuthMethod {

  /** What a client is told whose token's time is over; also the reason of the session's end. */
  static final String EXPIRED = "TOKEN_EXPIRED";

  static final String NOT_YET = "TOKEN_NOT_YET_VALID";
  static final String INVALID = "INVALID_TOKEN";

  /** The keys cannot be fetched. */
  static final String UNAVAILABLE = "AUTH_UNAVAILABLE";

  /** Few logins wait for keys to be fetched; all others need a fraction of a millisecond. */
  private static final int THREADS = 4;

  private final AuthConfig.Jwt config;
  private final boolean report;
  private final TokenVerifier verifier;
  private final Availability keys = new Availability("the key set (auth type jwt)");
  private final ExecutorService threads = LoginQueue.threads("login-token", THREADS);
  private final LoginQueue queue = new LoginQueue(threads, THREADS);

  JwtMethod(
      AuthConfig.Jwt config, boolean only, JWSKeySelector<SecurityContext> keys, Clock clock) {
    this.config = config;
    this.report = Objects.requireNonNullElse(config.reportInvalidParameters(), only);
    this.verifier =
        new TokenVerifier(
            keys,
            new TokenVerifier.Expected(config.issuer(), config.audience(), config.leeway()),
            clock);
  }

  static JwtMethod open(AuthConfig.Jwt config, boolean only) {
    JWSKeySelector<SecurityContext> keys =
        config.key() != null
            ? KeyFile.read(config.key())
            : new KeySet(Objects.requireNonNull(config.jwks()), KeySet.Timing.DEFAULT);
    return new JwtMethod(config, only, keys, Clock.systemUTC());
  }

  @Override
  public String name() {
    return "jwt";
  }

  @Override
  public CompletionStage<Verdict> check(LoginAttempt attempt) {
    String token = attempt.text("token") != null ? attempt.text("token") : attempt.text("jwt");
    if (token == null) {
      return CompletableFuture.completedFuture(Verdict.UNKNOWN);
    }
    return queue.submit(() -> judge(token));
  }

  private Verdict judge(String token) {
    Result result = verifier.verify(token);
    if (result instanceof Result.NoKeys(var why)) {
      keys.isAway(why);
      return Verdict.refusedBecause(UNAVAILABLE);
    }
    keys.isBack();
    return switch (result) {
      case Result.Valid valid ->
          new Verdict.Decided(new AuthOutcome.Accepted(user(valid.claims()), valid.expiresAt()));
      case Result.Expired expired -> Verdict.refusedBecause(EXPIRED);
      case Result.NotYet notYet -> Verdict.refusedBecause(NOT_YET);
      case Result.Invalid invalid -> Verdict.wrong(report, INVALID);
      case Result.NoKeys noKeys -> Verdict.refusedBecause(UNAVAILABLE);
    };
  }

  private User user(ObjectNode claims) {
    JsonNode id = claims.path(config.idClaim());
    boolean named = (id.isTextual() || id.isNumber()) && !id.asText().isEmpty();
    return new User(
        named ? id.asText() : User.NAMELESS,
        claim(claims, config.clientDataClaim()),
        claim(claims, config.serverDataClaim()));
  }

  /** Absent stays absent, which is not JSON's null. */
  private static @Nullable JsonText claim(ObjectNode claims, String name) {
    JsonNode value = claims.get(name);
    return value == null ? null : Json.text(value);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
