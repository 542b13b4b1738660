package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import io.millrace.server.auth.TokenVerifier.Expected;
import io.millrace.server.auth.TokenVerifier.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys from files. */
final class KeyFileIT {
  @TempDir private Path directory;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("key"), bytes);
  }

  private Path pem(String kind, Key key) throws IOException {
    return file(
        "# a comment\n-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                kind,
                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()),
                kind)
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean verifies(KeyFile key, String token) {
    return new TokenVerifier(key, new Expected(null, null, Duration.ZERO), Clock.systemUTC())
            .verify(token)
        instanceof Result.Valid;
  }

  @ParameterizedTest
  @CsvSource({"64, 3", "63, 2", "48, 2", "47, 1", "32, 1"})
  void aSecretIsForTheAlgorithmsThatItIsLongEnoughFor(int length, int algorithms)
      throws IOException {
    KeyFile key = KeyFile.read(file(Arrays.copyOf(Tokens.SECRET, length)));
    assertThat(key.algorithms()).hasSize(algorithms);
    assertThat(
            verifies(
                key, Tokens.hmac(JWSAlgorithm.HS256, Arrays.copyOf(Tokens.SECRET, length), "{}")))
        .isTrue();
  }

  @Test
  void theEndOfTheLineIsNoPartOfASecret() throws IOException {
    byte[] longer = Arrays.copyOf(Tokens.SECRET, 65);
    longer[64] = 'x';
    KeyFile key = KeyFile.read(file(longer));
    assertThat(verifies(key, Tokens.hmac(JWSAlgorithm.HS512, Tokens.SECRET, "{}"))).isFalse();
    byte[] line = Arrays.copyOf(Tokens.SECRET, 66);
    line[64] = '\r';
    line[65] = '\n';
    assertThat(
            verifies(
                KeyFile.read(file(line)), Tokens.hmac(JWSAlgorithm.HS512, Tokens.SECRET, "{}")))
        .isTrue();
  }

  @Test
  void publicKeysAreOnlyForTheirAlgorithms() throws IOException {
    Path rsa = pem("PUBLIC KEY", Tokens.RSA.getPublic());
    KeyFile key = KeyFile.read(rsa);
    assertThat(verifies(key, Tokens.rsa(JWSAlgorithm.RS512, Tokens.RSA, "k", "{}"))).isTrue();
    assertThat(verifies(key, Tokens.hmac(JWSAlgorithm.HS256, Files.readAllBytes(rsa), "{}")))
        .isFalse();
    key = KeyFile.read(pem("PUBLIC KEY", Tokens.EC_256.getPublic()));
    assertThat(verifies(key, Tokens.ec(JWSAlgorithm.ES256, Tokens.EC_256, "{}"))).isTrue();
    key = KeyFile.read(pem("PUBLIC KEY", Tokens.EC_384.getPublic()));
    assertThat(key.algorithms()).containsExactly(JWSAlgorithm.ES384);
  }

  @Test
  void whatIsNoKeyIsAFaultThatSaysWhy() throws IOException {
    assertFault(pem("PRIVATE KEY", Tokens.RSA.getPrivate()), "holds a private key");
    assertFault(pem("PUBLIC KEY", Tokens.rsa(1024).getPublic()), "fewer than 2048 bits");
    assertFault(pem("CERTIFICATE", Tokens.RSA.getPublic()), "holds no RSA or EC public key");
    assertFault(file(Arrays.copyOf(Tokens.SECRET, 31)), "has 31 bytes; a shared secret needs");
    assertFault(file(new byte[1 << 20]), "is too large for a key");
    assertFault(
        file("-----BEGIN PUBLIC KEY-----".getBytes(StandardCharsets.US_ASCII)), "not whole");
    assertFault(directory.resolve("none"), "there is no such file");
  }

  private static void assertFault(Path file, String problem) {
    assertThatThrownBy(() -> KeyFile.read(file))
        .isInstanceOf(AuthSetupException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(problem);
  }
}
