package io.millrace.server.permission;

/** Port: what the gate counts. From any thread. */
public interface PermissionCounter {

  /** A rule said no. */
  void denied();

  /** A rule could not say, which is a no. */
  void failed();

  /** The file has changed, and its rules are in force. */
  void reloaded();

  /** The file has changed, and it is not good: the old rules stay in force. */
  void reloadFailed();
}
