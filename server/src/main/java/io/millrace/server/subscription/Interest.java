package io.millrace.server.subscription;

/** Somebody's interest in a name: all who have subscribed to it here. Confined to its home loop. */
public interface Interest {

  String name();

  /** Whether somebody provides the name has changed. */
  void provided(boolean hasProvider);
}
