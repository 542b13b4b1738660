package io.millrace.server.config;

/** Who decides what a user may do. */
public record PermissionConfig(Type type) {

  /** The kinds of permission that this server knows. */
  public enum Type {
    /** Everything is allowed. */
    OPEN
  }
}
