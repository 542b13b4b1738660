package io.millrace.server.auth;

/** An entry of {@code auth} cannot be used; the message says which file is meant and why. */
public final class AuthSetupException extends RuntimeException {
  AuthSetupException(String message) {
    super(message);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return String.valueOf(getMessage());
  }
}
