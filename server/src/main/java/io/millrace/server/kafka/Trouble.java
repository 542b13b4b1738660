package io.millrace.server.kafka;

import org.slf4j.Logger;

/**
 * Something that can be wrong for a while: logged when it starts and when it is over, not with
 * every attempt in between. Not thread-safe.
 */
final class Trouble {
  private final Logger log;
  private final String subject;
  private boolean present;

  Trouble(Logger log, String subject) {
    this.log = log;
    this.subject = subject;
  }

  void present(String what) {
    if (!present) {
      present = true;
      log.warn("{}: {}", subject, what);
    }
  }

  boolean isPresent() {
    return present;
  }

  void over(String what) {
    if (present) {
      present = false;
      log.info("{}: {}", subject, what);
    }
  }
}
