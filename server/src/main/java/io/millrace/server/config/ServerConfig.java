package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/** Who this node is and where it listens. */
public record ServerConfig(String name, String host, int port, TlsConfig tls) implements Checked {

  @Override
  public void check(Checks checks) {
    checks.between("port", port, 0, 65535);
  }

  /** PEM files; both or none. */
  public record TlsConfig(@Nullable String certificate, @Nullable String key) implements Checked {

    @Override
    public void check(Checks checks) {
      if (certificate == null && key == null) {
        return;
      }
      checks.require(certificate != null, "certificate", "is needed when there is a key");
      checks.require(key != null, "key", "is needed when there is a certificate");
      checks.reject(
          certificate != null ? "certificate" : "key",
          "this version does not serve TLS; leave it empty and put a TLS proxy in front");
    }
  }
}
