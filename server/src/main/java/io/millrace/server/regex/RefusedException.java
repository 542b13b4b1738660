package io.millrace.server.regex;

/** Ends the reading of a source; outside of this package it is a {@link RegexResult.Refused}. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  RefusedException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
