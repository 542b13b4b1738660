package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.server.cluster.Chatter.Line;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Links with certificates. */
@Timeout(300)
final class LinkTlsIT {
  private static final char[] PASSWORD = "for-the-test".toCharArray();

  @TempDir private static Path folder;

  private final SharedMembership members = new SharedMembership();

  @BeforeAll
  static void makeCertificates() throws Exception {
    makeCertificate("ours");
    makeCertificate("theirs");
  }

  @Test
  void nodesWithCertificatesTalk() {
    try (LinkNode one = node("one", "ours");
        LinkNode two = node("two", "ours")) {
      one.join(members);
      two.join(members);
      await().until(() -> two.hears(one) && one.hears(two));
      one.channel.send(two.id, new Line(1, 2, "text"));
      await().until(() -> two.chatter.count() == 1);
    }
  }

  @Test
  void aNodeWithACertificateOfSomebodyElseIsRefusedBothWays() {
    try (LinkNode one = node("one", "ours");
        LinkNode two = node("two", "ours");
        LinkNode stranger = node("stranger", "theirs")) {
      stranger.join(members);
      one.join(members);
      two.join(members);
      await().until(() -> two.hears(one) && one.hears(two));
      await().during(Duration.ofSeconds(1)).until(() -> one.chatter.joined.size() == 1);
      assertThat(stranger.chatter.joined).isEmpty();
      assertThat(one.chatter.joined).containsExactly(two.id);
    }
  }

  @Test
  void aClientWithoutACertificateIsRefused() throws Exception {
    try (LinkNode one = node("one", "ours")) {
      one.join(members);
      LinkAddress address = LinkAddress.parse(one.address());
      SSLContext trusting = SSLContext.getInstance("TLS");
      trusting.init(new KeyManager[0], trust("ours"), null);
      try (Socket socket =
          trusting.getSocketFactory().createSocket(address.host(), address.port())) {
        socket.setSoTimeout(60_000);
        assertThatThrownBy(
                () -> {
                  socket.getOutputStream().write(1);
                  if (socket.getInputStream().read() < 0) {
                    throw new IOException("hung up");
                  }
                })
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @Test
  void aFileThatIsNoCertificateIsAFaultAtTheStart() throws IOException {
    Files.writeString(folder.resolve("none.pem"), "nothing");
    assertThatThrownBy(() -> node("one", "none")).isInstanceOf(RuntimeException.class);
  }

  private static LinkNode node(String name, String authority) {
    return new LinkNode(
        name,
        LinkNode.PATIENT
            + ", tls: { certificate: %s, key: %s, trusted: %s }"
                .formatted(pem(authority), pem(authority), pem(authority)),
        LinkNode.LIMITS);
  }

  private static Path pem(String name) {
    return folder.resolve(name + ".pem");
  }

  /** One that signs itself, in one file with its key; by the JDK's own tool. */
  private static void makeCertificate(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "node",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name,
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    new String(PASSWORD)))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    Files.writeString(
        pem(name),
        block("CERTIFICATE", keys.getCertificate("node").getEncoded())
            + block("PRIVATE KEY", keys.getKey("node", PASSWORD).getEncoded()));
  }

  private static String block(String kind, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(bytes), kind);
  }

  private static TrustManager[] trust(String name) throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "it",
        KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD)
            .getCertificate("node"));
    factory.init(trusted);
    return factory.getTrustManagers();
  }
}
