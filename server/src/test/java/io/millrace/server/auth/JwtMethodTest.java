package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.config.AuthConfig;
import io.millrace.server.config.ConfigLoader;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JwtMethodTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final KeyFile KEY =
      new KeyFile(
          new SecretKeySpec(Tokens.SECRET, "HMAC"),
          Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512));

  private static Verdict check(String settings, boolean only, String authData) {
    AuthConfig.Jwt config =
        (AuthConfig.Jwt)
            ConfigLoader.parse("auth: [{ type: jwt, key: k, %s }]".formatted(settings))
                .auth()
                .getFirst();
    try (JwtMethod method = new JwtMethod(config, only, KEY, Clock.fixed(NOW, ZoneOffset.UTC))) {
      return Logins.get(method.check(Logins.with(authData)));
    }
  }

  private static String token(String claims) {
    return "{\"token\":\"" + Tokens.hmac(JWSAlgorithm.HS512, Tokens.SECRET, claims) + "\"}";
  }

  private static Verdict accepted(User user, @Nullable Instant expiresAt) {
    return new Verdict.Decided(new AuthOutcome.Accepted(user, expiresAt));
  }

  @Test
  void theUserIsWhatTheClaimsSay() {
    assertThat(
            check(
                "leeway: 5s",
                true,
                token(
                    "{\"sub\":\"ann\",\"clientData\":{\"a\":1},\"serverData\":[2],\"exp\":1000060}")))
        .isEqualTo(
            accepted(
                new User("ann", new JsonText("{\"a\":1}"), new JsonText("[2]")),
                NOW.plusSeconds(65)));
  }

  @Test
  void whichClaimsThatAreMayBeChosen() {
    assertThat(
            check(
                "idClaim: uid, clientDataClaim: c, serverDataClaim: roles",
                true,
                token("{\"sub\":\"x\",\"uid\":7,\"c\":null,\"roles\":[\"a\"]}")))
        .isEqualTo(accepted(new User("7", JsonText.NULL, new JsonText("[\"a\"]")), null));
  }

  @Test
  void aTokenWithoutAnIdIsOfNobody() {
    assertThat(check("leeway: 0s", true, token("{}")))
        .isEqualTo(accepted(new User(User.NAMELESS, null, null), null));
  }

  @Test
  void theTokenMayAlsoBeNamedJwt() {
    assertThat(check("leeway: 0s", true, token("{\"sub\":\"ann\"}").replace("token", "jwt")))
        .isEqualTo(accepted(new User("ann", null, null), null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{}", "{\"token\":7}", "{\"username\":\"a\",\"password\":\"b\"}"})
  void withoutATokenItDoesNotKnow(String authData) {
    assertThat(check("leeway: 0s", true, authData)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void aBadTokenIsReportedOrLeftToTheNext() {
    String bad = "{\"token\":\"a.b.c\"}";
    Verdict refused = Verdict.refusedBecause("INVALID_TOKEN");
    assertThat(check("leeway: 0s", true, bad)).isEqualTo(refused);
    assertThat(check("leeway: 0s", false, bad)).isEqualTo(Verdict.UNKNOWN);
    assertThat(check("reportInvalidParameters: true", false, bad)).isEqualTo(refused);
    assertThat(check("reportInvalidParameters: false", true, bad)).isEqualTo(Verdict.UNKNOWN);
  }

  /** The next might let the same person in as somebody else. */
  @Test
  void anExpiredTokenOfOursIsNeverLeftToTheNext() {
    assertThat(check("leeway: 0s", false, token("{\"exp\":999999}")))
        .isEqualTo(Verdict.refusedBecause("TOKEN_EXPIRED"));
    assertThat(check("leeway: 0s", false, token("{\"nbf\":1000001}")))
        .isEqualTo(Verdict.refusedBecause("TOKEN_NOT_YET_VALID"));
  }
}
