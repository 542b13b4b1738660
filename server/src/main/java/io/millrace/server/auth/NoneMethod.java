package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.Limits;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lets everyone in: the id is the {@code username} of the login data, else "open" (§2.2). But a
 * name that is longer than others can say is refused: it is sent to whoever watches who is online,
 * and kept for those who do not read (P6).
 */
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
    if (id.length() > Limits.MAX_NAME_LENGTH) {
      return CompletableFuture.completedFuture(Verdict.refusedBecause("the username is too long"));
    }
    return CompletableFuture.completedFuture(Verdict.accepted(new User(id, null, null)));
  }
}
