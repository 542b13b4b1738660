package io.millrace.server.auth;

import io.millrace.server.config.AuthConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the configured ways to log in one after the other, until one accepts or refuses. If none
 * does, the login is refused without a word (protocol §8.2).
 */
public final class AuthChain implements Authenticator, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthChain.class);

  private final List<AuthMethod> methods;

  AuthChain(List<AuthMethod> methods) {
    this.methods = List.copyOf(methods);
  }

  /**
   * Reads the files that are named.
   *
   * @throws AuthSetupException if one of them cannot be used; says why, without a secret
   */
  public static AuthChain open(List<AuthConfig> entries) {
    List<AuthMethod> methods = new ArrayList<>();
    try {
      entries.forEach(entry -> methods.add(method(entry, entries.size() == 1)));
      return new AuthChain(methods);
    } catch (RuntimeException e) {
      methods.forEach(AuthMethod::close);
      throw e;
    }
  }

  private static AuthMethod method(AuthConfig entry, boolean only) {
    return switch (entry) {
      case AuthConfig.None none -> new NoneMethod();
      case AuthConfig.File file -> FileMethod.open(file, only);
      case AuthConfig.Jwt jwt -> JwtMethod.open(jwt, only);
      case AuthConfig.Http http -> new WebhookMethod(http, only);
    };
  }

  /** Whether it matters where a login comes from; if not, nobody has to remember it. */
  public boolean usesConnectionData() {
    return methods.stream().anyMatch(WebhookMethod.class::isInstance);
  }

  @Override
  public CompletionStage<AuthOutcome> authenticate(LoginAttempt attempt) {
    return ask(attempt, 0);
  }

  private CompletionStage<AuthOutcome> ask(LoginAttempt attempt, int index) {
    if (index == methods.size()) {
      return CompletableFuture.completedFuture(new AuthOutcome.Refused(null));
    }
    AuthMethod method = methods.get(index);
    return check(method, attempt)
        .exceptionally(failure -> failed(method, failure))
        .thenCompose(
            verdict ->
                switch (verdict) {
                  case Verdict.Decided(var outcome) -> CompletableFuture.completedFuture(outcome);
                  case Verdict.Unknown unknown -> ask(attempt, index + 1);
                });
  }

  private static CompletionStage<Verdict> check(AuthMethod method, LoginAttempt attempt) {
    try {
      return method.check(attempt);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Verdict failed(AuthMethod method, Throwable failure) {
    LOG.error("the login by {} is refused because of a bug", method.name(), wordless(failure));
    return Verdict.refused(null);
  }

  /** Where it happened and what, but not what it says: that may be a part of the login data. */
  private static Throwable wordless(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    Exception wordless = new Exception(cause.getClass().getName());
    wordless.setStackTrace(cause.getStackTrace());
    return wordless;
  }

  @Override
  public void close() {
    methods.forEach(AuthMethod::close);
  }
}
