package io.millrace.server.http.entry;

/** A request is refused; each face of the API tells it in its own way. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * @param text for the caller
   */
  public Refusal(int status, String text) {
    super(text, null, false, false);
    this.status = status;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** What the caller is told. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
