package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** The answers to a login (protocol §2.2): the action says which, the data is optional. */
public record AuthReply(AuthAction action, @Nullable JsonText data) implements ServerMessage {
  public AuthReply(AuthAction action) {
    this(action, null);
  }
}
