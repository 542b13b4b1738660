package io.millrace.server.transport;

import io.millrace.protocol.ServerMessage;

/**
 * A message encoded once, to be written to many connections. Reference-counted: it is born with one
 * reference, and whoever hands it to another thread {@linkplain #retain retains} it for that
 * thread, which releases it when it is done. Connections retain for themselves what they have
 * queued.
 */
public interface SharedMessage {

  /** What it says, for those who do not write it to a socket; costs its decoding. */
  ServerMessage message();

  /** How many bytes it holds. */
  int size();

  void retain();

  void release();
}
