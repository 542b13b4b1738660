package io.millrace.server.outbound;

/** What is said of a request that failed. */
public final class Failure {
  private Failure() {}

  /** The class of the first cause: it says more than the message, which is often missing. */
  public static String kind(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName();
  }
}
