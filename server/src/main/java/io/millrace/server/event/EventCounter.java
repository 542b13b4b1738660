package io.millrace.server.event;

/** Port: counts what becomes of events. Called from every event loop. */
public interface EventCounter {

  /** Events handed to connections. */
  void delivered(int count);

  /** Events that a slow reader will never get. */
  void dropped(int count);
}
