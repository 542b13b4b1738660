package io.millrace.server.auth;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that something logins depend on is away, and that it is back: not for every login, and not
 * every time if it comes and goes. Thread-safe.
 */
final class Availability {
  private static final Logger LOG = LoggerFactory.getLogger(Availability.class);
  private static final Duration QUIET = Duration.ofMinutes(1);

  private final String what;
  private long quietUntilNs = System.nanoTime();
  private volatile boolean saidAway;

  /**
   * @param what for people, without credentials
   */
  Availability(String what) {
    this.what = what;
  }

  void isBack() {
    if (saidAway) {
      sayBack();
    }
  }

  private synchronized void sayBack() {
    if (saidAway) {
      saidAway = false;
      LOG.info("{} is back", what);
    }
  }

  /**
   * @param why without credentials
   */
  synchronized void isAway(String why) {
    long now = System.nanoTime();
    if (!saidAway && now - quietUntilNs >= 0) {
      saidAway = true;
      quietUntilNs = now + QUIET.toNanos();
      LOG.warn("{} is away, logins that need it are refused: {}", what, why);
    }
  }
}
