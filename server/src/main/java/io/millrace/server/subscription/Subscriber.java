package io.millrace.server.subscription;

import io.millrace.protocol.ServerMessage;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;

/**
 * All that a feature sees of a session. Confined to {@link #loop}, but for {@link #loop} and {@link
 * #id}.
 */
public interface Subscriber {

  /** The id of the connection, unique on this node. */
  long id();

  EventLoop loop();

  /**
   * False while a slow reader has enough to read: send it newer states instead of a longer queue.
   */
  boolean isWritable();

  void send(ServerMessage message);

  void send(SharedMessage message);

  /** Whether so much is open, or waits to be read by the client, that nothing more may be begun. */
  boolean isBusy();

  /**
   * Goes on with the step when the session is not {@linkplain #isBusy busy}, before anything else.
   */
  void whenFree(Runnable step);

  /** A request was taken on that will be answered later; too many at once stop the reading. */
  void requestStarted();

  /** A request of {@link #requestStarted} is over. */
  void requestEnded();
}
