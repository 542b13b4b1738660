package io.millrace.protocol;

import org.jspecify.annotations.Nullable;

/** What a client says about its connection (protocol §2.1). */
public sealed interface ConnectionRequest extends ClientMessage {

  /** The heartbeat. */
  record Ping() implements ConnectionRequest {
    @Override
    public ConnectionAction action() {
      return ConnectionAction.PING;
    }
  }

  /** The first message; every field is informational. */
  record Challenge(
      @Nullable String url,
      @Nullable String protocolVersion,
      @Nullable String sdkVersion,
      @Nullable String sdkType)
      implements ConnectionRequest {
    @Override
    public ConnectionAction action() {
      return ConnectionAction.CHALLENGE;
    }
  }

  /** A known CONNECTION action that a client has no business sending. */
  record Unexpected(ConnectionAction action) implements ConnectionRequest {}
}
