package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets everyone in: the id is the {@code username} of the login data, else "open" (§2.2). */
final class NoneMethod implements AuthMethod {

  @Override
  public String name() {
    return "none";
  }

  @Override
  public CompletionStage<Verdict> check(LoginAttempt attempt) {
    JsonNode username = attempt.authData().path("username");
    boolean named = username.isValueNode() && !username.isNull() && !username.asText().isEmpty();
    String id = named ? username.asText() : User.ANONYMOUS;
    return CompletableFuture.completedFuture(Verdict.accepted(new User(id, null, null)));
  }
}
