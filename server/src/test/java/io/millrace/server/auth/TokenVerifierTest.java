package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import io.millrace.server.auth.TokenVerifier.Expected;
import io.millrace.server.auth.TokenVerifier.Result;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenVerifierTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final Expected ANYTHING = new Expected(null, null, Duration.ofSeconds(10));
  private static final KeyFile RSA =
      key(Tokens.RSA.getPublic(), JWSAlgorithm.RS256, JWSAlgorithm.PS384);

  private static KeyFile key(PublicKey key, JWSAlgorithm... algorithms) {
    return new KeyFile(key, Set.of(algorithms));
  }

  private static Result verify(
      JWSKeySelector<SecurityContext> keys, Expected expected, String token) {
    return new TokenVerifier(keys, expected, Clock.fixed(NOW, ZoneOffset.UTC)).verify(token);
  }

  private static String signed(String claims) {
    return Tokens.rsa(JWSAlgorithm.RS256, Tokens.RSA, "any", claims);
  }

  private static Result judge(String claims) {
    return verify(RSA, ANYTHING, signed(claims));
  }

  private static void assertValid(Result result) {
    assertThat(result).isInstanceOf(Result.Valid.class);
  }

  private static void assertInvalid(Result result) {
    assertThat(result).isInstanceOf(Result.Invalid.class);
  }

  @Test
  void whatTheRightKeySignedIsBelieved() {
    assertThat(judge("{\"sub\":\"ann\",\"n\":1.50}"))
        .isInstanceOfSatisfying(
            Result.Valid.class,
            valid -> {
              assertThat(valid.claims().toString()).isEqualTo("{\"sub\":\"ann\",\"n\":1.50}");
              assertThat(valid.expiresAt()).isNull();
            });
  }

  @Test
  void everyAlgorithmOfTheKeyIsUnderstood() {
    assertValid(verify(RSA, ANYTHING, Tokens.rsa(JWSAlgorithm.PS384, Tokens.RSA, null, "{}")));
    assertValid(
        verify(
            key(Tokens.EC_256.getPublic(), JWSAlgorithm.ES256),
            ANYTHING,
            Tokens.ec(JWSAlgorithm.ES256, Tokens.EC_256, "{}")));
    assertValid(
        verify(
            key(Tokens.EC_384.getPublic(), JWSAlgorithm.ES384),
            ANYTHING,
            Tokens.ec(JWSAlgorithm.ES384, Tokens.EC_384, "{}")));
  }

  @Test
  void whatAnotherKeySignedIsNot() {
    assertInvalid(
        verify(RSA, ANYTHING, Tokens.rsa(JWSAlgorithm.RS256, Tokens.OTHER_RSA, null, "{}")));
  }

  @Test
  void anAlgorithmThatIsNotTheKeysIsNot() {
    assertInvalid(verify(RSA, ANYTHING, Tokens.rsa(JWSAlgorithm.RS512, Tokens.RSA, null, "{}")));
  }

  /** Everybody has the public key, and could sign with it. */
  @Test
  void aPublicKeyIsNoSharedSecret() {
    byte[] der = Tokens.RSA.getPublic().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n";
    assertInvalid(verify(RSA, ANYTHING, Tokens.hmac(JWSAlgorithm.HS256, der, "{}")));
    assertInvalid(
        verify(
            RSA,
            ANYTHING,
            Tokens.hmac(JWSAlgorithm.HS256, pem.getBytes(StandardCharsets.US_ASCII), "{}")));
  }

  @Test
  void unsignedTokensAreNot() {
    for (String algorithm : new String[] {"none", "None", "NONE"}) {
      String header = base64("{\"alg\":\"" + algorithm + "\"}");
      assertInvalid(verify(RSA, ANYTHING, header + "." + base64("{\"sub\":\"ann\"}") + "."));
    }
    String token = signed("{\"sub\":\"ann\"}");
    assertInvalid(verify(RSA, ANYTHING, token.substring(0, token.lastIndexOf('.') + 1)));
  }

  @Test
  void aTokenWhoseClaimsWereChangedIsNot() {
    String[] parts = signed("{\"sub\":\"ann\"}").split("\\.", -1);
    assertInvalid(
        verify(RSA, ANYTHING, parts[0] + "." + base64("{\"sub\":\"bob\"}") + "." + parts[2]));
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "a.b.c", "e30.e30.e30", "{}", "e30.e30.e30.e30.e30", "\u0000"})
  void whatIsNoTokenIsNot(String text) {
    assertInvalid(verify(RSA, ANYTHING, text));
  }

  @Test
  void aTokenOfAMebibyteIsNotLookedAt() {
    assertInvalid(judge("{\"a\":\"" + "x".repeat(1 << 20) + "\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "\"ann\"", "", "{"})
  void claimsThatAreNoObjectAreNot(String claims) {
    assertInvalid(judge(claims));
  }

  @ParameterizedTest
  @CsvSource({"JWT,true", "jwt,true", "at+jwt,true", "logout+jwt,false", "JWE,false"})
  void tokensForOtherEndsAreNot(String type, boolean good) {
    assertThat(verify(RSA, ANYTHING, Tokens.typed(type, "{}")) instanceof Result.Valid)
        .isEqualTo(good);
  }

  @ParameterizedTest
  @CsvSource({
    "1000001, Valid",
    "1000000, Valid",
    "999991, Valid",
    "999990, Expired",
    "999990.9, Expired",
    "0, Expired",
    "-5, Invalid",
    "'\"1000001\"', Invalid",
    "null, Invalid",
    "1e30, Invalid",
    "99999999999999, Valid",
  })
  void aTokenExpiresALeewayAfterItsTime(String exp, String result) {
    assertThat(judge("{\"exp\":" + exp + "}").getClass().getSimpleName()).isEqualTo(result);
  }

  /** With the leeway: or the session of a token that is let in late would end at once. */
  @Test
  void itsSessionEndsWithTheLeeway() {
    assertThat(judge("{\"exp\":1000005.7}"))
        .isInstanceOfSatisfying(
            Result.Valid.class,
            valid -> assertThat(valid.expiresAt()).isEqualTo(NOW.plusSeconds(15)));
  }

  @Test
  void aTokenForThousandsOfYearsIsForEver() {
    assertThat(judge("{\"exp\":99999999999999}"))
        .isInstanceOfSatisfying(
            Result.Valid.class, valid -> assertThat(valid.expiresAt()).isNull());
  }

  @ParameterizedTest
  @CsvSource({"999999, Valid", "1000010, Valid", "1000011, NotYet", "'\"1\"', Invalid"})
  void aTokenBeginsALeewayBeforeItsTime(String notBefore, String result) {
    assertThat(judge("{\"nbf\":" + notBefore + "}").getClass().getSimpleName()).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"iss\":\"us\",\"aud\":\"me\"} | true",
        "{\"iss\":\"us\",\"aud\":[\"you\",\"me\"]} | true",
        "{\"iss\":\"us\",\"aud\":[\"you\"]} | false",
        "{\"iss\":\"us\",\"aud\":[]} | false",
        "{\"iss\":\"us\"} | false",
        "{\"iss\":\"US\",\"aud\":\"me\"} | false",
        "{\"iss\":[\"us\"],\"aud\":\"me\"} | false",
        "{\"aud\":\"me\"} | false",
      })
  void issuerAndAudienceMustBeOurs(String claims, boolean good) {
    Expected ours = new Expected("us", "me", Duration.ZERO);
    assertThat(verify(RSA, ours, signed(claims)) instanceof Result.Valid).isEqualTo(good);
  }

  @Test
  void withoutKeysNothingIsKnown() {
    JWSKeySelector<SecurityContext> away =
        (header, context) -> {
          throw new KeySourceException("away");
        };
    assertThat(verify(away, ANYTHING, signed("{}"))).isEqualTo(new Result.NoKeys("away"));
  }

  @Test
  void aTokenThatIsNotOursIsNotSaidToBeExpired() {
    assertInvalid(
        verify(RSA, new Expected("us", null, Duration.ZERO), signed("{\"exp\":1,\"iss\":\"x\"}")));
    assertInvalid(
        verify(
            RSA, ANYTHING, Tokens.rsa(JWSAlgorithm.RS256, Tokens.OTHER_RSA, null, "{\"exp\":1}")));
  }
}
