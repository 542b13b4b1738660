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
   * @param token what an HTTP client may log in with from now on, null for none (protocol §7.1)
   */
  record Accepted(User user, @Nullable Instant expiresAt, @Nullable String token)
      implements AuthOutcome {
    public Accepted(User user, @Nullable Instant expiresAt) {
      this(user, expiresAt, null);
    }

    /** Without the token: it is as good as a password. */
    @Override
    public String toString() {
      return "Accepted[" + user + ", expiresAt=" + expiresAt + "]";
    }
  }

  /**
   * Not let in.
   *
   * @param clientData what the client is told, null for nothing
   */
  record Refused(@Nullable JsonText clientData) implements AuthOutcome {}
}
