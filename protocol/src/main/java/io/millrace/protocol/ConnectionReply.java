package io.millrace.protocol;

/** What a server says about the connection (protocol §2.1). */
public sealed interface ConnectionReply extends ServerMessage {

  /** A message that is nothing but its action: PONG, ACCEPT, REJECT, INVALID_MESSAGE, ... */
  record Plain(ConnectionAction action) implements ConnectionReply {}

  /** The client closes, connects to {@code url} and sends a new challenge. */
  record Redirect(String url) implements ConnectionReply {
    @Override
    public ConnectionAction action() {
      return ConnectionAction.REDIRECT;
    }
  }
}
