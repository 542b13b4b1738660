package io.millrace.server.http.batch;

/** The batch cannot be meant; the message is for the caller. Never leaves {@link BatchReader}. */
final class BatchException extends Exception {
  private static final long serialVersionUID = 1;

  BatchException(String problem) {
    super(problem, null, false, false);
  }
}
