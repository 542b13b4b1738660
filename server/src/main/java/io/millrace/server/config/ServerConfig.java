package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/** Who this node is and where it listens. */
public record ServerConfig(String name, String host, int port, TlsConfig tls) {

  /** PEM files; both or none. */
  public record TlsConfig(@Nullable String certificate, @Nullable String key) {}
}
