package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.millrace.server.auth.LocalService.Answer;
import io.millrace.server.auth.TokenVerifier.Expected;
import io.millrace.server.auth.TokenVerifier.Result;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys from a JWKS URL, with a server that has them, changes them and goes away. */
final class KeySetIT {
  private static final Duration LONG = Duration.ofHours(1);

  /** The library wants the cache to outlast it. */
  private static final Duration HALF = Duration.ofMinutes(30);

  private static final Duration SHORT = Duration.ofMillis(20);

  private final LocalService service = new LocalService();

  @AfterEach
  void stop() {
    service.close();
  }

  private TokenVerifier verifier(KeySet.Timing timing) {
    return new TokenVerifier(
        new KeySet(service.url("/jwks"), timing),
        new Expected(null, null, Duration.ZERO),
        Clock.systemUTC());
  }

  private void serves(JWK... keys) {
    String set =
        Arrays.stream(keys)
            .map(JWK::toJSONString)
            .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    service.answers(question -> Answer.json(200, set));
  }

  private static JWK key(String id, KeyPair keys) {
    return new RSAKey.Builder((RSAPublicKey) keys.getPublic()).keyID(id).build();
  }

  private static String token(String id, KeyPair keys) {
    return Tokens.rsa(JWSAlgorithm.RS256, keys, id, "{\"sub\":\"ann\"}");
  }

  private static boolean isValid(Result result) {
    return result instanceof Result.Valid;
  }

  @Test
  void theKeysAreFetchedOnceForManyLogins() {
    serves(key("a", Tokens.RSA));
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, HALF));
    for (int i = 0; i < 10; i++) {
      assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isTrue();
    }
    assertThat(service.questions()).hasSize(1);
  }

  @Test
  void aKeyThatIsNewIsFetchedWhenATokenNamesIt() {
    serves(key("a", Tokens.RSA));
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, HALF));
    assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isTrue();

    serves(key("b", Tokens.OTHER_RSA));
    assertThat(isValid(verifier.verify(token("b", Tokens.OTHER_RSA)))).isTrue();
    // The old one is no longer trusted.
    assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isFalse();
  }

  @Test
  void madeUpKeyIdsDoNotMakeUsAFloodgate() {
    serves(key("a", Tokens.RSA));
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, HALF));
    for (int i = 0; i < 50; i++) {
      assertThat(verifier.verify(token("made-up-" + i, Tokens.OTHER_RSA)))
          .isInstanceOf(Result.Invalid.class);
    }
    assertThat(service.questions()).hasSizeLessThanOrEqualTo(2);
    assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isTrue();
  }

  @Test
  void theLastKeysGoOnWhileTheUrlIsAway() {
    serves(key("a", Tokens.RSA));
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, SHORT));
    assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isTrue();
    service.answers(question -> Answer.text(500, "down"));

    // Asks in vain, and goes on with what it had.
    assertThat(isValid(verifier.verify(token("b", Tokens.OTHER_RSA)))).isFalse();
    assertThat(isValid(verifier.verify(token("a", Tokens.RSA)))).isTrue();
    assertThat(service.questions()).hasSizeGreaterThan(1);
  }

  @Test
  void withoutAnyKeysItSaysSoUntilThereAreSome() {
    service.answers(question -> Answer.text(500, "down"));
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, SHORT));
    for (int i = 0; i < 5; i++) {
      assertThat(verifier.verify(token("a", Tokens.RSA))).isInstanceOf(Result.NoKeys.class);
    }
    serves(key("a", Tokens.RSA));
    Awaitility.await().until(() -> isValid(verifier.verify(token("a", Tokens.RSA))));
  }

  @Test
  void aSharedSecretAmongThemIsNotUsed() {
    serves(new OctetSequenceKey.Builder(Tokens.SECRET).keyID("a").build());
    TokenVerifier verifier = verifier(new KeySet.Timing(LONG, LONG, HALF));
    assertThat(verifier.verify(Tokens.hmac(JWSAlgorithm.HS256, Tokens.SECRET, "{}")))
        .isInstanceOf(Result.Invalid.class);
  }
}
