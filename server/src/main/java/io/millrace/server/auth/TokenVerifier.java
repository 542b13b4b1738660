package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import io.millrace.protocol.value.Json;
import java.math.BigDecimal;
import java.security.Key;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks signed tokens (RFC 7519, with the advice of RFC 8725): first who signed, then what it
 * says. Encrypted and unsigned ones are not accepted. Thread-safe; may block for keys.
 */
final class TokenVerifier {

  /** More than any header can carry; longer ones are not looked at. */
  private static final int MAX_LENGTH = 16 * 1024;

  /** Tokens are signed for other ends, too: for a logout, say. */
  private static final Set<JOSEObjectType> TYPES =
      Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), JOSEObjectType.JOSE);

  /** 9999-12-31, so that the sum with the leeway is a time too. */
  private static final BigDecimal LAST_SECOND = BigDecimal.valueOf(253_402_300_799L);

  /** Longer is for ever: timers count in nanoseconds. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final JWSKeySelector<SecurityContext> keys;
  private final Expected expected;
  private final Clock clock;

  /** What the claims must be; absent ones may be anything. */
  record Expected(@Nullable String issuer, @Nullable String audience, Duration leeway) {}

  /** What is to be thought of a token. */
  sealed interface Result {
    /**
     * To be believed.
     *
     * @param expiresAt the end of its time, leeway included; null for never
     */
    record Valid(ObjectNode claims, @Nullable Instant expiresAt) implements Result {}

    /** It was valid once. */
    record Expired() implements Result {}

    /** It will be. */
    record NotYet() implements Result {}

    /** Not from those whom we trust, not for us, or garbled. */
    record Invalid() implements Result {}

    /**
     * There are no keys to check it with.
     *
     * @param why without anything of the token
     */
    record NoKeys(String why) implements Result {}
  }

  private static final Result INVALID = new Result.Invalid();

  TokenVerifier(JWSKeySelector<SecurityContext> keys, Expected expected, Clock clock) {
    this.keys = keys;
    this.expected = expected;
    this.clock = clock;
  }

  Result verify(String token) {
    if (token.length() > MAX_LENGTH) {
      return INVALID;
    }
    try {
      JWSObject signed = JWSObject.parse(token);
      JOSEObjectType type = signed.getHeader().getType();
      if ((type != null && !TYPES.contains(type)) || !isSignedByUs(signed)) {
        return INVALID;
      }
      return Json.parse(signed.getPayload().toString()).orElse(null) instanceof ObjectNode claims
          ? judge(claims)
          : INVALID;
    } catch (KeySourceException e) {
      return new Result.NoKeys(String.valueOf(e.getMessage()));
    } catch (ParseException | JOSEException | IllegalArgumentException e) {
      return INVALID;
    }
  }

  private boolean isSignedByUs(JWSObject signed) throws JOSEException {
    for (Key key : keys.selectJWSKeys(signed.getHeader(), null)) {
      if (signed.verify(
          new DefaultJWSVerifierFactory().createJWSVerifier(signed.getHeader(), key))) {
        return true;
      }
    }
    return false;
  }

  private Result judge(ObjectNode claims) {
    if (!isForUs(claims)) {
      return INVALID;
    }
    Instant now = clock.instant();
    Instant expiresAt = null;
    if (claims.has("exp")) {
      Instant exp = time(claims.get("exp"));
      if (exp == null) {
        return INVALID;
      }
      expiresAt = exp.plus(expected.leeway());
      if (!now.isBefore(expiresAt)) {
        return new Result.Expired();
      }
    }
    if (claims.has("nbf")) {
      Instant notBefore = time(claims.get("nbf"));
      if (notBefore == null) {
        return INVALID;
      }
      if (now.isBefore(notBefore.minus(expected.leeway()))) {
        return new Result.NotYet();
      }
    }
    boolean ends = expiresAt != null && expiresAt.isBefore(now.plus(FOR_EVER));
    return new Result.Valid(claims, ends ? expiresAt : null);
  }

  private boolean isForUs(ObjectNode claims) {
    if (expected.issuer() != null && !expected.issuer().equals(claims.path("iss").textValue())) {
      return false;
    }
    if (expected.audience() == null) {
      return true;
    }
    JsonNode audience = claims.path("aud");
    if (!audience.isArray()) {
      return expected.audience().equals(audience.textValue());
    }
    for (JsonNode each : audience) {
      if (expected.audience().equals(each.textValue())) {
        return true;
      }
    }
    return false;
  }

  /** Seconds since 1970, perhaps with a fraction; null for what is no time. */
  private static @Nullable Instant time(JsonNode seconds) {
    if (!seconds.isNumber()) {
      return null;
    }
    BigDecimal value = seconds.decimalValue();
    boolean sane = value.signum() >= 0 && value.precision() - value.scale() <= 20;
    return sane ? Instant.ofEpochSecond(value.min(LAST_SECOND).longValue()) : null;
  }
}
