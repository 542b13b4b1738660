package io.millrace.server.config;

import java.time.Duration;
import java.util.List;

/**
 * The endpoints for clients and the rules of a connection (protocol §2).
 *
 * @param unauthenticatedClientTimeout zero: a connection without a login stays as long as it likes
 */
public record WebSocketConfig(
    List<Endpoint> endpoints,
    Duration heartbeatInterval,
    Duration unauthenticatedClientTimeout,
    int maxAuthAttempts,
    DataSize maxMessageSize)
    implements Checked {
  public WebSocketConfig {
    endpoints = List.copyOf(endpoints);
  }

  @Override
  public void check(Checks checks) {
    checks.notEmpty("endpoints", endpoints);
    checks.unique("endpoints", "path", endpoints.stream().map(Endpoint::path).toList());
    checks.positive("heartbeatInterval", heartbeatInterval);
    checks.atLeast("maxAuthAttempts", maxAuthAttempts, 1);
    checks.messageSize("maxMessageSize", maxMessageSize);
  }

  /** A path and what is spoken there. */
  public record Endpoint(String path, Format format) implements Checked {

    @Override
    public void check(Checks checks) {
      checks.path("path", path);
      checks.require(
          format != Format.JSON,
          "format",
          "\"json\" is not served by this version; allowed: binary");
    }
  }

  /** How messages are written on the wire. */
  public enum Format {
    BINARY,
    JSON
  }
}
