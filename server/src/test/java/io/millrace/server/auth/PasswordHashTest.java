package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.auth.PasswordHash.NotAHash;
import io.millrace.server.config.AuthConfig.Digest;
import io.millrace.server.config.AuthConfig.Pbkdf2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes that others made, and ours. */
final class PasswordHashTest {

  /** From the reference implementation's own tests. */
  private static final String ARGON2ID =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

  /** From crypt_blowfish's tests. */
  private static final String BCRYPT =
      "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

  private static final Pbkdf2 MD5 = new Pbkdf2(Digest.MD5, 100, 32);

  /** From protocol §8.2. */
  private static final String PBKDF2 =
      "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=GS4SbTQYmoaGwjm2shEobg==";

  @Test
  void argon2idOfTheReferenceIsUnderstood() throws NotAHash {
    assertThat(Argon2id.parse(ARGON2ID).matches("password")).isTrue();
    assertThat(Argon2id.parse(ARGON2ID).matches("passwore")).isFalse();
    assertThat(Argon2id.parse(ARGON2ID).matches("")).isFalse();
  }

  /** As its command line writes it. */
  @Test
  void hashesOfSeveralLanesAreUnderstood() throws NotAHash {
    String text = "$argon2id$v=19$m=256,t=3,p=4$c29tZXNhbHQ$gnktR/nN4iue/y0pIDOKVULnu6asBp/M";
    assertThat(Argon2id.parse(text).matches("password")).isTrue();
    assertThat(Argon2id.parse(text).matches("Password")).isFalse();
  }

  @Test
  void aHashOfOursMatchesItsPasswordOnly() throws NotAHash {
    String first = Argon2id.hash("pässwörd €");

    assertThat(first).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").doesNotContain("=$", "sswörd");
    assertThat(Argon2id.parse(first).matches("pässwörd €")).isTrue();
    assertThat(Argon2id.parse(first).matches("passwörd €")).isFalse();
  }

  @Test
  void twoHashesOfOnePasswordDiffer() {
    assertThat(Argon2id.hash("same")).isNotEqualTo(Argon2id.hash("same"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ0c$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      })
  void whatWouldTakeTheServerDownOrIsGarbledIsRefusedWithoutBeingQuoted(String text) {
    assertThatThrownBy(() -> Argon2id.parse(text))
        .isInstanceOf(NotAHash.class)
        .hasMessageNotContaining("c29tZXNhbHQ");
  }

  @Test
  void bcryptIsUnderstood() throws NotAHash {
    assertThat(PasswordHash.Bcrypt.parse(BCRYPT).matches("U*U")).isTrue();
    assertThat(PasswordHash.Bcrypt.parse(BCRYPT).matches("U*V")).isFalse();
    assertThat(PasswordHash.Bcrypt.parse(BCRYPT).toString()).doesNotContain("CCC");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$CCCC",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
      })
  void otherBcryptIsRefused(String text) {
    assertThatThrownBy(() -> PasswordHash.Bcrypt.parse(text)).isInstanceOf(NotAHash.class);
  }

  @Test
  void pbkdf2OfTheReferenceIsUnderstood() throws NotAHash {
    assertThat(Pbkdf2Hash.parse(PBKDF2, MD5).matches("password")).isTrue();
    assertThat(Pbkdf2Hash.parse(PBKDF2, MD5).matches("Password")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret",
        "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=",
        "clear text that is as long as a key and a salt"
      })
  void clearTextIsNoPbkdf2(String text) {
    assertThatThrownBy(() -> Pbkdf2Hash.parse(text, MD5))
        .isInstanceOf(NotAHash.class)
        .hasMessageNotContaining(text);
  }
}
