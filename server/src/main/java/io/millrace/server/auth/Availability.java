package io.millrace.server.auth;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that something logins depend on is away, and once that it is back. Thread-safe. */
final class Availability {
  private static final Logger LOG = LoggerFactory.getLogger(Availability.class);

  private final String what;
  private final AtomicBoolean away = new AtomicBoolean();

  /**
   * @param what for people, without credentials
   */
  Availability(String what) {
    this.what = what;
  }

  void isBack() {
    if (away.get() && away.compareAndSet(true, false)) {
      LOG.info("{} is back", what);
    }
  }

  /**
   * @param why without credentials
   */
  void isAway(String why) {
    if (away.compareAndSet(false, true)) {
      LOG.warn("{} is away, logins that need it are refused: {}", what, why);
    }
  }
}
