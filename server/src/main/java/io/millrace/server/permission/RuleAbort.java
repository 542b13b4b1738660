package io.millrace.server.permission;

/**
 * Ends the evaluation of a rule, which then has failed. Without a stack trace: clients could make
 * the server fill in as many as they send messages.
 */
final class RuleAbort extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param reason for the log, without any data
   */
  RuleAbort(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
