package io.millrace.server.format;

import io.millrace.server.config.SchemaRegistryConfig;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom we trust to be the registry, and who we are. */
final class RegistryTls {
  private RegistryTls() {}

  /**
   * Empty: the JDK's own.
   *
   * @throws IllegalArgumentException if a file cannot be used
   */
  static Optional<SSLContext> context(SchemaRegistryConfig.Tls config) {
    if (config.trust() == null && config.identity() == null) {
      return Optional.empty();
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(config), trusted(config), null);
      return Optional.of(context);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("kafka.schemaRegistry.tls cannot be used: " + e, e);
    }
  }

  private static TrustManager @Nullable [] trusted(SchemaRegistryConfig.Tls config)
      throws GeneralSecurityException {
    Path file = config.trust();
    if (file == null) {
      return null;
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(isPem(file) ? pem(file) : store(file, config.trustPassword()));
    return factory.getTrustManagers();
  }

  private static KeyManager @Nullable [] keys(SchemaRegistryConfig.Tls config)
      throws GeneralSecurityException {
    Path file = config.identity();
    if (file == null) {
      return null;
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store(file, config.identityPassword()), chars(config.identityPassword()));
    return factory.getKeyManagers();
  }

  private static char @Nullable [] chars(@Nullable String password) {
    return password == null ? null : password.toCharArray();
  }

  private static boolean isPem(Path file) {
    return new String(bytes(file), StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE");
  }

  private static KeyStore pem(Path file) throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes(file)))) {
        store.setCertificateEntry("registry-" + number++, certificate);
      }
      return store;
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /** Of the type that its content has. */
  private static KeyStore store(Path file, @Nullable String password)
      throws GeneralSecurityException {
    try {
      return KeyStore.getInstance(new File(file.toString()), chars(password));
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(file, e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static IllegalArgumentException unusable(Path file, Exception cause) {
    return new IllegalArgumentException(
        "kafka.schemaRegistry.tls: %s cannot be used: %s".formatted(file, cause), cause);
  }
}
