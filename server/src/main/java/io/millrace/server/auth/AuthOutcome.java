package io.millrace.server.auth;

import io.millrace.protocol.value.JsonText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of a login. */
public sealed interface AuthOutcome {

  /**
   * Let in.
   *
   * @param expiresAt when the session ends, null for never
   */
  record Accepted(User user, @Nullable Instant expiresAt) implements AuthOutcome {}

  /**
   * Not let in.
   *
   * @param clientData what the client is told, null for nothing
   */
  record Refused(@Nullable JsonText clientData) implements AuthOutcome {}
}
