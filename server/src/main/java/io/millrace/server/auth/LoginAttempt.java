package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says to log in.
 *
 * @param authData the login data, not to be changed
 * @param connectionData where it comes from
 */
public record LoginAttempt(ObjectNode authData, ConnectionData connectionData) {

  /** The member of the login data if it is text. */
  @Nullable String text(String member) {
    JsonNode value = authData.get(member);
    return value != null && value.isTextual() ? value.textValue() : null;
  }

  /** Says nothing: all of it may be credentials. */
  @Override
  public String toString() {
    return "LoginAttempt[...]";
  }
}
