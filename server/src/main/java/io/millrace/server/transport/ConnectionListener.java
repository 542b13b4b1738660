package io.millrace.server.transport;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.codec.DecodeResult;

/** What a connection tells its session, always on the connection's loop. */
public interface ConnectionListener {
  void received(DecodeResult<ClientMessage> result);

  /** {@link Connection#isWritable} has changed. */
  void writabilityChanged();

  /** The socket is gone; nothing follows. */
  void closed();
}
