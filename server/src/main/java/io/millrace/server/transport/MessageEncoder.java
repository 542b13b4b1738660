package io.millrace.server.transport;

import io.millrace.protocol.ServerMessage;

/** Encodes messages for sharing. Thread-safe. */
public interface MessageEncoder {
  SharedMessage share(ServerMessage message);
}
