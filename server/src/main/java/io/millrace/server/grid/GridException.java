package io.millrace.server.grid;

/** The grid could not say what became of a request; it may or may not have been carried out. */
final class GridException extends RuntimeException {
  private static final long serialVersionUID = 1;

  GridException(Throwable cause) {
    super("the grid could not be reached: " + cause, cause);
  }
}
