package io.millrace.server.presence;

/** Port: counts users and what is said of them. Called from every event loop. */
public interface PresenceCounter {

  /** A user has come online (1) on this node, or gone from it (-1). */
  void online(int change);

  /** A change that was too much for a slow reader. */
  void dropped();
}
