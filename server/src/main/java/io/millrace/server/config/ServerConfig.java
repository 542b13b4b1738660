package io.millrace.server.config;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who this node is and where it listens.
 *
 * @param publicUrl where clients reach this node and no other, without a path, as {@code
 *     wss://node-1.example.org}; absent: made of host and port, unless the host is a wildcard
 */
public record ServerConfig(
    String name, String host, int port, @Nullable String publicUrl, TlsConfig tls)
    implements Checked {
  private static final Pattern PUBLIC_URL = Pattern.compile("wss?://[^/?#\\s]+");

  @Override
  public void check(Checks checks) {
    checks.between("port", port, 0, 65535);
    checks.require(
        publicUrl == null || PUBLIC_URL.matcher(publicUrl).matches(),
        "publicUrl",
        "must be ws://HOST[:PORT] or wss://HOST[:PORT], without a path");
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
