package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.Json;
import io.millrace.server.auth.User;
import org.jspecify.annotations.Nullable;

/** Who asks; what the login said of it is read once for a request. For one thread. */
final class Asker {
  private final User user;
  private @Nullable JsonNode serverData;

  Asker(User user) {
    this.user = user;
  }

  String id() {
    return user.id();
  }

  boolean isAuthenticated() {
    return !user.id().equals(User.ANONYMOUS);
  }

  /** JSON's null when the login gave none. */
  JsonNode serverData() {
    JsonNode known = serverData;
    if (known == null) {
      known =
          user.serverData() == null
              ? JsonNodeFactory.instance.nullNode()
              : Json.parse(user.serverData())
                  .orElseThrow(() -> new RuleAbort("the user's data is no JSON"));
      serverData = known;
    }
    return known;
  }
}
