package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/**
 * Where records survive a restart.
 *
 * @param path the database file, relative to the working directory; for {@link Type#SQLITE}
 */
public record StorageConfig(Type type, @Nullable String path) implements Checked {

  @Override
  public void check(Checks checks) {
    checks.require(type != Type.SQLITE || path != null, "path", "is needed by storage.type sqlite");
  }

  /** The kinds of storage that this server knows. */
  public enum Type {
    /** Nothing is kept: a restart begins with an empty grid. */
    NONE,
    /** One file, one node. */
    SQLITE
  }
}
