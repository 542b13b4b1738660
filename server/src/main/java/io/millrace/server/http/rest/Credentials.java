package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From an Authorization header to what authenticators know. */
final class Credentials {
  static final String CHALLENGE = "Bearer realm=\"millrace\", Basic realm=\"millrace\"";

  private Credentials() {}

  /** Empty if the header says nothing that is understood here. */
  static Optional<ObjectNode> read(@Nullable String authorization) {
    ObjectNode login = JsonNodeFactory.instance.objectNode();
    if (authorization == null) {
      return Optional.of(login);
    }
    String[] parts = authorization.strip().split(" +", 2);
    if (parts.length < 2) {
      return Optional.empty();
    }
    if (parts[0].equalsIgnoreCase("Bearer")) {
      return Optional.of(login.put("token", parts[1]));
    }
    return parts[0].equalsIgnoreCase("Basic") ? basic(login, parts[1]) : Optional.empty();
  }

  private static Optional<ObjectNode> basic(ObjectNode login, String encoded) {
    try {
      String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              login
                  .put("username", pair.substring(0, colon))
                  .put("password", pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
