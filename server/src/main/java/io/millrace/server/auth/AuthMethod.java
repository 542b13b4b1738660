package io.millrace.server.auth;

import java.util.concurrent.CompletionStage;

/** One way to log in. Thread-safe; a stage that fails is a refusal. */
interface AuthMethod extends AutoCloseable {

  /** For logs. */
  String name();

  /** Never blocks. */
  CompletionStage<Verdict> check(LoginAttempt attempt);

  @Override
  default void close() {}
}
