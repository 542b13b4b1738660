package io.millrace.server.config;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where records survive a restart.
 *
 * @param path the database file, relative to the working directory; for {@link Type#SQLITE}
 * @param url the JDBC URL of the database; for {@link Type#POSTGRES}, as the next ones
 * @param connectTimeout how long the start waits for a database that does not answer
 * @param ackTimeout how long a write may wait to be stored before its writer is told that it is not
 */
public record StorageConfig(
    Type type,
    @Nullable String path,
    @Nullable String url,
    @Nullable String user,
    @Nullable String password,
    Duration connectTimeout,
    Duration ackTimeout)
    implements Checked {
  private static final String URL_PREFIX = "jdbc:postgresql:";
  private static final Duration MAX_CONNECT_TIMEOUT = Duration.ofHours(1);

  @Override
  public void check(Checks checks) {
    checks.require(type != Type.SQLITE || path != null, "path", "is needed by storage.type sqlite");
    checks.require(
        type != Type.POSTGRES || url != null,
        "url",
        "is needed by storage.type postgres; write for example"
            + " jdbc:postgresql://localhost/millrace");
    if (url != null) {
      // Without the value in the faults: it may hold a password.
      checks.require(
          url.startsWith(URL_PREFIX),
          "url",
          "is not the URL of a PostgreSQL database; write for example"
              + " jdbc:postgresql://localhost/millrace");
      String parameters = url.substring(url.indexOf('?') + 1).toLowerCase(Locale.ROOT);
      checks.require(
          url.indexOf('?') < 0 || !parameters.matches("(.*&)?(user|password)=.*"),
          "url",
          "must not hold user or password; they have keys of their own");
    }
    checks.positive("ackTimeout", ackTimeout);
    checks.require(
        connectTimeout.compareTo(MAX_CONNECT_TIMEOUT) <= 0,
        "connectTimeout",
        "is too long; at most " + Scalars.write(MAX_CONNECT_TIMEOUT));
    checks.positive("ackTimeout", ackTimeout);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "StorageConfig[type=%s, path=%s, user=%s]".formatted(type, path, user);
  }

  /** The kinds of storage that this server knows. */
  public enum Type {
    /** Nothing is kept: a restart begins with an empty grid. */
    NONE,
    /** One file, one node. */
    SQLITE,
    /** A database that all nodes share. */
    POSTGRES
  }
}
