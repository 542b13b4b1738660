package io.millrace.server.config;

/** One way to log in; the entries of the list are tried in order. */
public record AuthConfig(Type type) {

  /** The kinds of authentication that this server knows. */
  public enum Type {
    /** Everyone is let in; the user id is the {@code username} of the login data, else "open". */
    NONE
  }
}
