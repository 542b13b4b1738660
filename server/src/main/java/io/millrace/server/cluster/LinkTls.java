package io.millrace.server.cluster;

import io.millrace.server.config.ClusterConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS of the links: both ends show a certificate and check the other's. */
final class LinkTls {
  private static final Logger LOG = LoggerFactory.getLogger(LinkTls.class);

  private LinkTls() {}

  /** Says so when others could read along. */
  static void warnOfPlainText(ClusterConfig config) {
    if (LinkAddress.isLoopback(config.host())) {
      return;
    }
    if (!config.tls().isOn()) {
      LOG.warn(
          "the node links on {} have no TLS (cluster.tls): whoever reaches them can read and write"
              + " records",
          config.host());
    }
    LOG.warn(
        "the grid's own port {} has no TLS and no login: keep cluster.host on a private network",
        config.port());
  }

  /**
   * @throws UncheckedIOException if a file cannot be read
   */
  static void apply(ClusterConfig.TlsConfig tls, NetServerOptions server, NetClientOptions client) {
    Path certificate = tls.certificate();
    Path key = tls.key();
    Path trusted = tls.trusted();
    if (certificate == null || key == null || trusted == null) {
      return;
    }
    PemKeyCertOptions own =
        new PemKeyCertOptions().addCertValue(read(certificate)).addKeyValue(read(key));
    PemTrustOptions others = new PemTrustOptions().addCertValue(read(trusted));
    server
        .setSsl(true)
        .setKeyCertOptions(own)
        .setTrustOptions(others)
        .setClientAuth(ClientAuth.REQUIRED);
    // Nodes are found by address, and who has a certificate of this authority is one of them: that
    // it belongs to a name would say no more.
    client
        .setSsl(true)
        .setKeyCertOptions(own)
        .setTrustOptions(others)
        .setHostnameVerificationAlgorithm("");
  }

  private static Buffer read(Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " (cluster.tls)", e);
    }
  }
}
