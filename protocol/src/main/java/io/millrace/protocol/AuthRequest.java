package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** What a client says to log in (protocol §2.2). */
public sealed interface AuthRequest extends ClientMessage {

  /** Log in; the data should be a JSON object. */
  record Login(@Nullable JsonText data) implements AuthRequest {
    @Override
    public AuthAction action() {
      return AuthAction.REQUEST;
    }
  }

  /** A known AUTH action that a client has no business sending. */
  record Unexpected(AuthAction action) implements AuthRequest {}
}
