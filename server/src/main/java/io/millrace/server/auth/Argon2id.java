package io.millrace.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id (RFC 9106) in the text form that its reference implementation writes:
 *
 * <pre>$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH</pre>
 *
 * with memory in KiB, passes and lanes, salt and hash in base64 without padding.
 */
public final class Argon2id implements PasswordHash {

  // What OWASP's password storage cheat sheet recommends where many may log in at once: a
  // verification holds 19 MiB, and there are as many of them as threads in FileMethod.
  private static final int MEMORY_KIB = 19 * 1024;
  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;

  /** Of hashes that others made: one login may not take the server's memory or minutes. */
  private static final int MAX_MEMORY_KIB = 128 * 1024;

  private static final int MAX_PASSES = 20;
  private static final int MAX_LANES = 16;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,3})"
              + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,172})");

  private static final SecureRandom RANDOM = new SecureRandom();

  private final int memoryKiB;
  private final int passes;
  private final int lanes;
  private final byte[] salt;
  private final byte[] hash;

  private Argon2id(int memoryKiB, int passes, int lanes, byte[] salt, byte[] hash) {
    this.memoryKiB = memoryKiB;
    this.passes = passes;
    this.lanes = lanes;
    this.salt = salt;
    this.hash = hash;
  }

  /** A hash of the password with a new salt, as text for a file of users. */
  public static String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    byte[] hash = compute(password, MEMORY_KIB, PASSES, LANES, salt, HASH_BYTES);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            MEMORY_KIB, PASSES, LANES, base64.encodeToString(salt), base64.encodeToString(hash));
  }

  static Argon2id parse(String text) throws NotAHash {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new NotAHash("is not a whole argon2id hash ($argon2id$v=19$m=...,t=...,p=...$...$...)");
    }
    int memory = Integer.parseInt(matcher.group(1));
    int passes = Integer.parseInt(matcher.group(2));
    int lanes = Integer.parseInt(matcher.group(3));
    if (lanes < 1 || lanes > MAX_LANES || passes < 1 || passes > MAX_PASSES) {
      throw new NotAHash(
          "has t=%d,p=%d; allowed are t=1 to %d, p=1 to %d"
              .formatted(passes, lanes, MAX_PASSES, MAX_LANES));
    }
    if (memory < 8 * lanes || memory > MAX_MEMORY_KIB) {
      throw new NotAHash(
          "has m=%d; allowed are %d to %d".formatted(memory, 8 * lanes, MAX_MEMORY_KIB));
    }
    try {
      return new Argon2id(
          memory,
          passes,
          lanes,
          Base64.getDecoder().decode(matcher.group(4)),
          Base64.getDecoder().decode(matcher.group(5)));
    } catch (IllegalArgumentException e) {
      throw new NotAHash("has a salt or a hash that is not base64");
    }
  }

  @Override
  public boolean matches(String password) {
    return MessageDigest.isEqual(
        hash, compute(password, memoryKiB, passes, lanes, salt, hash.length));
  }

  private static byte[] compute(
      String password, int memoryKiB, int passes, int lanes, byte[] salt, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKiB)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] result = new byte[length];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), result);
    return result;
  }
}
