package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/** Limits that keep one user from taking what belongs to all; absent means no limit. */
public record ProtectionConfig(
    @Nullable Integer maxConnections, @Nullable Integer maxConnectionsPerAddress, Rate rate)
    implements Checked {

  @Override
  public void check(Checks checks) {
    Rate.refuse("maxConnections", maxConnections, checks);
    Rate.refuse("maxConnectionsPerAddress", maxConnectionsPerAddress, checks);
  }

  /** Messages per second and connection, and how many may come at once. */
  public record Rate(@Nullable Integer messages, @Nullable Integer burst) implements Checked {

    @Override
    public void check(Checks checks) {
      refuse("messages", messages, checks);
      refuse("burst", burst, checks);
    }

    /** Who sets a limit counts on it: better no start than a limit that does not hold. */
    private static void refuse(String component, @Nullable Integer limit, Checks checks) {
      checks.require(limit == null, component, "this version has no such limit; leave it empty");
    }
  }
}
