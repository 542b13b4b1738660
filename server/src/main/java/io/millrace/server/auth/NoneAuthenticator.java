package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets everyone in: the id is the {@code username} of the login data, else "open" (§2.2). */
public final class NoneAuthenticator implements Authenticator {

  @Override
  public CompletionStage<AuthOutcome> authenticate(ObjectNode authData) {
    JsonNode username = authData.get("username");
    String id = username != null && username.isValueNode() ? username.asText() : User.ANONYMOUS;
    return CompletableFuture.completedFuture(
        new AuthOutcome.Accepted(new User(id, null, null), null));
  }
}
