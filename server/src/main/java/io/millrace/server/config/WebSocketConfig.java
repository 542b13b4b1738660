package io.millrace.server.config;

import java.time.Duration;
import java.util.List;

/** The endpoints for clients and the rules of a connection (protocol §2). */
public record WebSocketConfig(
    List<Endpoint> endpoints,
    Duration heartbeatInterval,
    Duration unauthenticatedClientTimeout,
    int maxAuthAttempts,
    DataSize maxMessageSize) {
  public WebSocketConfig {
    endpoints = List.copyOf(endpoints);
  }

  /** A path and what is spoken there. */
  public record Endpoint(String path, Format format) {}

  /** How messages are written on the wire. */
  public enum Format {
    BINARY,
    JSON
  }
}
