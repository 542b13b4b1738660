package io.millrace.server.auth;

import io.millrace.server.config.AuthConfig.Pbkdf2;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * PBKDF2 as the reference writes it: base64 of the key, then the salt, whose text is what counts
 * (protocol §8.2). For files that exist; new hashes are {@link Argon2id}.
 */
final class Pbkdf2Hash implements PasswordHash {
  private final Pbkdf2 parameters;
  private final byte[] key;
  private final byte[] salt;

  private Pbkdf2Hash(Pbkdf2 parameters, byte[] key, byte[] salt) {
    this.parameters = parameters;
    this.key = key;
    this.salt = salt;
  }

  static Pbkdf2Hash parse(String text, Pbkdf2 parameters) throws NotAHash {
    int keyText = 4 * ((parameters.keyLength() + 2) / 3);
    if (text.length() <= keyText) {
      throw new NotAHash(
          "is too short for a pbkdf2 key of %d bytes and a salt".formatted(parameters.keyLength()));
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text.substring(0, keyText));
    } catch (IllegalArgumentException e) {
      throw new NotAHash("does not begin with a pbkdf2 key in base64");
    }
    if (key.length != parameters.keyLength()) {
      throw new NotAHash(
          "has a pbkdf2 key of %d bytes instead of %d"
              .formatted(key.length, parameters.keyLength()));
    }
    return new Pbkdf2Hash(
        parameters, key, text.substring(keyText).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean matches(String password) {
    PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(digest());
    generator.init(password.getBytes(StandardCharsets.UTF_8), salt, parameters.iterations());
    KeyParameter derived =
        (KeyParameter) generator.generateDerivedMacParameters(8 * parameters.keyLength());
    return MessageDigest.isEqual(key, derived.getKey());
  }

  private Digest digest() {
    return switch (parameters.digest()) {
      case MD5 -> new MD5Digest();
      case SHA1 -> new SHA1Digest();
      case SHA256 -> SHA256Digest.newInstance();
      case SHA512 -> new SHA512Digest();
    };
  }
}
