package io.millrace.server.auth;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** What became of a login. */
public sealed interface AuthOutcome {

  /**
   * Let in.
   *
   * @param userId who it is
   * @param clientData what the client is told, null for nothing
   */
  record Accepted(String userId, @Nullable JsonText clientData) implements AuthOutcome {}

  /**
   * Not let in.
   *
   * @param clientData what the client is told, null for nothing
   */
  record Refused(@Nullable JsonText clientData) implements AuthOutcome {}
}
