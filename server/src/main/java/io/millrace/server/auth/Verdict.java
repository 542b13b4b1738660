package io.millrace.server.auth;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** What one way to log in says: an outcome, or that it does not know (protocol §8.2). */
sealed interface Verdict {

  /** The next ones are not asked. */
  record Decided(AuthOutcome outcome) implements Verdict {}

  /** The next one is asked. */
  record Unknown() implements Verdict {}

  Verdict UNKNOWN = new Unknown();

  static Verdict accepted(User user) {
    return new Decided(new AuthOutcome.Accepted(user, null));
  }

  static Verdict refused(@Nullable JsonText clientData) {
    return new Decided(new AuthOutcome.Refused(clientData));
  }

  /** Refused, and the client is told {@code {error: ...}}. */
  static Verdict refusedBecause(String error) {
    return refused(error(error));
  }

  /** Wrong credentials: an outcome only if they are to be reported. */
  static Verdict wrong(boolean report, @Nullable String error) {
    return report ? refused(error == null ? null : error(error)) : UNKNOWN;
  }

  static JsonText error(String error) {
    return Json.text(JsonNodeFactory.instance.objectNode().put("error", error));
  }
}
