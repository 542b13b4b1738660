package io.millrace.server.config;

import java.time.Duration;

/** Active listening (protocol §4.2). */
public record ListenConfig(
    boolean shuffleProviders,
    Duration responseTimeout,
    Duration rematchInterval,
    Duration matchCooldown)
    implements Checked {

  @Override
  public void check(Checks checks) {
    checks.positive("responseTimeout", responseTimeout);
    checks.positive("rematchInterval", rematchInterval);
  }
}
