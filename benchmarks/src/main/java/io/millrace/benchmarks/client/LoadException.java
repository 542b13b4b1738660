package io.millrace.benchmarks.client;

/** A run that could not be done; the message says why, in one line. */
public final class LoadException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LoadException(String message) {
    super(message);
  }
}
