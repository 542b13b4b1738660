package io.millrace.server.transport;

import io.millrace.protocol.ServerMessage;

/**
 * One socket of a client. Confined to its {@link #loop}, but for {@link #loop} and {@link #id}.
 *
 * <p>What is sent is queued and flushed at the end of the loop's tick, so that a burst costs one
 * system call. The queue is bounded by those who send: fan-out stops when the connection
 * {@linkplain #isWritable isn't writable}, and requests are not read meanwhile.
 */
public interface Connection {

  /** Unique on this node for as long as it runs. */
  long id();

  EventLoop loop();

  /** Where it comes from, until {@link #forgetHandshake}. */
  Handshake handshake();

  /** Lets go of the handshake: idle connections are many, and their headers would add up. */
  void forgetHandshake();

  /** Whether little enough waits to be sent; a reader that stalls makes this false. */
  boolean isWritable();

  void send(ServerMessage message);

  void send(SharedMessage message);

  /** Stops or resumes reading from the socket, so that the sender feels the back-pressure. */
  void setReading(boolean reading);

  /** Sends what is queued, then closes without a status code (protocol §2.4). */
  void close();

  /**
   * As {@link #close()}, but what the client had sent before it heard of that is still received:
   * the writes of a client that is sent away are not lost. Nothing can be sent from here on.
   */
  void closeHearingOut();

  /** As {@link #close()}, with a status code of 4000 to 4999 and a reason of at most 123 bytes. */
  void close(int code, String reason);
}
