package io.millrace.server.auth;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The one key that tokens are signed with, and the algorithms that go with it. They follow from the
 * key and never from the token: a public key taken for a shared secret would let everybody sign.
 */
record KeyFile(Key key, Set<JWSAlgorithm> algorithms) implements JWSKeySelector<SecurityContext> {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_BYTES = 64 * 1024;

  /**
   * A public key or a certificate in PEM; anything else is a shared secret, without the line's end
   * that editors add.
   *
   * @throws AuthSetupException if there is no usable key in the file
   */
  static KeyFile read(Path file) {
    byte[] bytes = bytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!text.contains("-----BEGIN ")) {
      return secret(file, bytes);
    }
    Matcher pem = PEM.matcher(text);
    if (!pem.find()) {
      throw fault(file, "is not whole PEM");
    }
    String kind = pem.group(1);
    if (kind.contains("PRIVATE")) {
      throw fault(file, "holds a private key; only the public one is needed, keep this one secret");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
      return of(file, publicKey(kind, der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw fault(file, "holds no RSA or EC public key, nor a certificate with one");
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw fault(file, "is too large for a key");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw fault(file, "there is no such file");
    } catch (IOException e) {
      throw fault(file, "cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static KeyFile secret(Path file, byte[] bytes) {
    int length = bytes.length;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
      length--;
    }
    // A secret is no shorter than what it makes (RFC 7518 §3.2).
    Set<JWSAlgorithm> algorithms;
    if (length >= 64) {
      algorithms = Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512);
    } else if (length >= 48) {
      algorithms = Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384);
    } else if (length >= 32) {
      algorithms = Set.of(JWSAlgorithm.HS256);
    } else {
      throw fault(
          file,
          "has %d bytes; a shared secret needs at least 32 for HS256, 48 for HS384, 64 for HS512"
              .formatted(length));
    }
    return new KeyFile(new SecretKeySpec(Arrays.copyOf(bytes, length), "HMAC"), algorithms);
  }

  private static PublicKey publicKey(String kind, byte[] der) throws GeneralSecurityException {
    if (kind.equals("CERTIFICATE")) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(der))
          .getPublicKey();
    }
    if (!kind.equals("PUBLIC KEY")) {
      throw new GeneralSecurityException("not a public key");
    }
    X509EncodedKeySpec encoded = new X509EncodedKeySpec(der);
    try {
      return KeyFactory.getInstance("RSA").generatePublic(encoded);
    } catch (GeneralSecurityException e) {
      return KeyFactory.getInstance("EC").generatePublic(encoded);
    }
  }

  private static KeyFile of(Path file, PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS ->
          new KeyFile(key, RSA);
      case RSAPublicKey rsa ->
          throw fault(file, "holds an RSA key of fewer than " + MIN_RSA_BITS + " bits");
      case ECPublicKey ec ->
          switch (ec.getParams().getCurve().getField().getFieldSize()) {
            case 256 -> new KeyFile(key, Set.of(JWSAlgorithm.ES256));
            case 384 -> new KeyFile(key, Set.of(JWSAlgorithm.ES384));
            case 521 -> new KeyFile(key, Set.of(JWSAlgorithm.ES512));
            default ->
                throw fault(file, "holds an EC key of a curve that tokens are not signed on");
          };
      default -> throw fault(file, "holds a key that is neither RSA nor EC");
    };
  }

  @Override
  public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context) {
    return algorithms.contains(header.getAlgorithm()) ? List.of(key) : List.of();
  }

  private static AuthSetupException fault(Path file, String problem) {
    return new AuthSetupException(file + ": " + problem);
  }

  @Override
  public String toString() {
    return "KeyFile[" + algorithms + "]";
  }
}
