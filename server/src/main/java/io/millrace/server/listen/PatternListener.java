package io.millrace.server.listen;

/**
 * Who has listened for a pattern: a socket of this node or another one. Called on the home loop of
 * the name; what is said is heard in its order.
 */
interface PatternListener {

  /** Somebody has subscribed to the name: will the listener provide it? */
  void found(String name);

  /** The listener is to provide the name no longer. */
  void removed(String name);

  /** The listener has not answered in time. */
  void timedOut(String name);
}
