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

  /**
   * What is spoken at a path.
   *
   * @throws IllegalArgumentException if no endpoint has the path
   */
  public Format formatAt(String path) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.path().equals(path)) {
        return endpoint.format();
      }
    }
    throw new IllegalArgumentException("no endpoint at " + path);
  }

  /** A path and what is spoken there. */
  public record Endpoint(String path, Format format) implements Checked {

    @Override
    public void check(Checks checks) {
      checks.path("path", path);
    }
  }

  /** How messages are written on the wire. */
  public enum Format {
    /** Protobuf in binary messages. */
    BINARY,
    /** One JSON object in each text message. */
    JSON
  }
}
