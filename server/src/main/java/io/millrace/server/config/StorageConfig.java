package io.millrace.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where records survive a restart.
 *
 * @param path the database file, relative to the working directory; for {@link Type#SQLITE}
 * @param ackTimeout how long a write may wait to be stored before its writer is told that it is not
 */
public record StorageConfig(Type type, @Nullable String path, Duration ackTimeout)
    implements Checked {

  @Override
  public void check(Checks checks) {
    checks.require(type != Type.SQLITE || path != null, "path", "is needed by storage.type sqlite");
    checks.positive("ackTimeout", ackTimeout);
  }

  /** The kinds of storage that this server knows. */
  public enum Type {
    /** Nothing is kept: a restart begins with an empty grid. */
    NONE,
    /** One file, one node. */
    SQLITE
  }
}
