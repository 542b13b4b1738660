package io.millrace.server.http.rest;

/** A patch cannot be applied; the message says which part of it, and why. */
final class PatchException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean malformed;

  private PatchException(String problem, boolean malformed) {
    super(problem, null, false, false);
    this.malformed = malformed;
  }

  /** It is no patch at all. */
  static PatchException malformed(String problem) {
    return new PatchException(problem, true);
  }

  /** It does not fit to what is there. */
  static PatchException notApplicable(String problem) {
    return new PatchException(problem, false);
  }

  Problem problem() {
    String reason = String.valueOf(getMessage());
    return malformed
        ? Problem.of(400, "malformed-patch", "This is no patch of its media type").because(reason)
        : Problem.of(422, "patch-failed", "The patch cannot be applied").because(reason);
  }
}
