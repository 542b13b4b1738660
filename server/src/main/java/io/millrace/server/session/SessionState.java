package io.millrace.server.session;

/**
 * Where a session stands (protocol §2.1).
 *
 * <pre>
 *   NEW --CHALLENGE--> AWAITING_AUTH --login accepted--> OPEN
 *    |                      |                              |
 *    +----------------------+------------ socket gone ----> CLOSED
 * </pre>
 */
enum SessionState {
  NEW,
  AWAITING_AUTH,
  OPEN,
  CLOSED
}
