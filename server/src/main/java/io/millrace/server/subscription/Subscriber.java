package io.millrace.server.subscription;

import io.millrace.protocol.ServerMessage;
import io.millrace.server.auth.User;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import org.jspecify.annotations.Nullable;

/** All that a feature sees of a session. Confined to {@link #loop}, but for what says so. */
public interface Subscriber {

  /** The id of the connection, unique on this node. From any thread. */
  long id();

  /** From any thread. */
  EventLoop loop();

  /** Who it is; the same for as long as the session lasts. From any thread. */
  User user();

  /** The trace that what it asks for now belongs to, null for none. */
  default @Nullable TraceContext trace() {
    return null;
  }

  /**
   * False while a slow reader has enough to read: send it newer states instead of a longer queue.
   */
  boolean isWritable();

  void send(ServerMessage message);

  void send(SharedMessage message);

  /**
   * Nothing more of this session is begun until {@link #release}, and what arrives waits in its
   * order: for decisions on which the order of what follows depends. Holds are counted.
   */
  void hold();

  /** The opposite of {@link #hold}. */
  void release();

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
