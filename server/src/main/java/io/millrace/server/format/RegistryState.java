package io.millrace.server.format;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the registry answers: logged when that changes, counted always. Thread-safe. */
final class RegistryState {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryState.class);

  private boolean away;
  private long requests;
  private long failures;

  synchronized void answered() {
    requests++;
    if (away) {
      away = false;
      LOG.info("the schema registry answers again");
    }
  }

  synchronized void failed(String reason) {
    requests++;
    failures++;
    if (!away) {
      away = true;
      LOG.warn("the schema registry cannot be asked, messages wait: {}", reason);
    }
  }

  synchronized boolean isAway() {
    return away;
  }

  synchronized long requests() {
    return requests;
  }

  synchronized long failures() {
    return failures;
  }
}
