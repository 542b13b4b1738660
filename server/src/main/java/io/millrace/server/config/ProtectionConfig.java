package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/** Limits that keep one user from taking what belongs to all; absent means no limit. */
public record ProtectionConfig(
    @Nullable Integer maxConnections, @Nullable Integer maxConnectionsPerAddress, Rate rate) {

  /** Messages per second and connection, and how many may come at once. */
  public record Rate(@Nullable Integer messages, @Nullable Integer burst) {}
}
