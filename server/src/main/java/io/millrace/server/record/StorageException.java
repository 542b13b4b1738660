package io.millrace.server.record;

/** Storage could not be read or written; the operation may be tried again. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StorageException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
  }
}
