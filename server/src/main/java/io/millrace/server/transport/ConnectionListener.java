package io.millrace.server.transport;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.codec.DecodeResult;

/** What a connection tells its session, always on the connection's loop. */
public interface ConnectionListener {
  void received(DecodeResult<ClientMessage> result);

  /** {@link Connection#isWritable} has changed. */
  void writabilityChanged();

  /**
   * The connection is being closed by this side: nothing more is received, and nothing can be sent.
   * The socket may take a while to end; {@link #closed} follows then.
   */
  void closing();

  /** The socket is gone; nothing follows. */
  void closed();
}
