package io.millrace.server.config;

import java.time.Duration;
import java.util.List;

/** The HTTP API (protocol §7). */
public record HttpConfig(
    String path,
    String authPath,
    boolean allowAuthData,
    Duration requestTimeout,
    DataSize maxBodySize,
    Cors cors) {

  /** Which web origins may call. */
  public record Cors(boolean allowAllOrigins, List<String> origins) {
    public Cors {
      origins = List.copyOf(origins);
    }
  }
}
