package io.millrace.server.config;

import java.time.Duration;

/** Remote procedure calls (protocol §5). */
public record RpcConfig(
    Duration ackTimeout,
    Duration responseTimeout,
    boolean provideRequestorName,
    boolean provideRequestorData)
    implements Checked {

  @Override
  public void check(Checks checks) {
    checks.positive("ackTimeout", ackTimeout);
    checks.positive("responseTimeout", responseTimeout);
  }
}
