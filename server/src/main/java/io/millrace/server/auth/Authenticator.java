package io.millrace.server.auth;

import java.util.concurrent.CompletionStage;

/** Decides who may log in. Thread-safe; the stage may complete on any thread and does not fail. */
public interface Authenticator {

  /** Never blocks. Whoever asks sees to it that a client has few logins under way at once. */
  CompletionStage<AuthOutcome> authenticate(LoginAttempt attempt);
}
