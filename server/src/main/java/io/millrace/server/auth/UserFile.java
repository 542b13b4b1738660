package io.millrace.server.auth;

import io.millrace.server.config.AuthConfig.Pbkdf2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of users that is read again when it has changed, at the next login. A version with a fault
 * is not used: the last good one stays. Sessions that are open stay open. Thread-safe; may read the
 * disk.
 */
final class UserFile {
  private static final Logger LOG = LoggerFactory.getLogger(UserFile.class);

  /** How often the disk is asked at most. */
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

  private final Path file;
  private final @Nullable Pbkdf2 pbkdf2;
  private Users users;
  private @Nullable Stamp stamp;
  private long checkedNs;

  private record Stamp(FileTime modified, long size) {
    static @Nullable Stamp of(Path file) {
      try {
        return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
      } catch (IOException e) {
        return null;
      }
    }
  }

  UserFile(Path file, @Nullable Pbkdf2 pbkdf2) {
    this.file = file;
    this.pbkdf2 = pbkdf2;
    // Before the reading: what changes meanwhile is read again.
    this.stamp = Stamp.of(file);
    this.checkedNs = System.nanoTime();
    this.users = Users.read(file, pbkdf2);
  }

  Users users() {
    return users(System.nanoTime());
  }

  synchronized Users users(long nowNs) {
    if (nowNs - checkedNs >= CHECK_INTERVAL.toNanos()) {
      checkedNs = nowNs;
      Stamp now = Stamp.of(file);
      if (now != null && !now.equals(stamp)) {
        stamp = now;
        readAgain();
      }
    }
    return users;
  }

  private void readAgain() {
    try {
      users = Users.read(file, pbkdf2);
      LOG.info("{} has changed: {} users", file, users.byName().size());
    } catch (AuthSetupException e) {
      LOG.warn("the users of before stay in force: {}", e.getMessage());
    }
  }
}
