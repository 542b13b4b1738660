package io.millrace.server.auth;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import java.net.MalformedURLException;
import java.net.URI;
import java.security.Key;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys at a JWKS URL. They are fetched at the first login, again from time to time, and when a
 * token names a key that is not among them (rotation), but no more often than the limit: anybody
 * can make up key ids. While the URL is away the last keys go on. Blocks while it fetches.
 */
final class KeySet implements JWSKeySelector<SecurityContext> {

  /** Public keys only: a set on the web holds no shared secrets. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(2);

  /** One try and one more, each with a time to connect and a time to read, and some spare. */
  private static final Duration WAIT_FOR_FETCH = FETCH_TIMEOUT.multipliedBy(5);

  private static final int MAX_BYTES = 256 * 1024;

  private final JWSVerificationKeySelector<SecurityContext> selector;
  private volatile boolean seen;

  /**
   * How long things hold.
   *
   * @param cache keys, before they are asked for again
   * @param outage keys, while they cannot be had
   * @param limit the time in which they are fetched twice at most
   */
  record Timing(Duration cache, Duration outage, Duration limit) {
    static final Timing DEFAULT =
        new Timing(Duration.ofMinutes(5), Duration.ofHours(12), Duration.ofSeconds(10));
  }

  KeySet(String url, Timing timing) {
    this.selector = new JWSVerificationKeySelector<>(ALGORITHMS, source(url, timing));
  }

  private static JWKSource<SecurityContext> source(String url, Timing timing) {
    int fetchMs = (int) FETCH_TIMEOUT.toMillis();
    try {
      return JWKSourceBuilder.create(
              URI.create(url).toURL(), new DefaultResourceRetriever(fetchMs, fetchMs, MAX_BYTES))
          // It would bring threads of its own, which nobody ends.
          .refreshAheadCache(false)
          .cache(timing.cache().toMillis(), WAIT_FOR_FETCH.toMillis())
          .rateLimited(timing.limit().toMillis())
          .retrying(true)
          .outageTolerant(timing.outage().toMillis())
          .build();
    } catch (MalformedURLException e) {
      throw new AuthSetupException("jwks: is not a URL");
    }
  }

  /**
   * The keys that may have signed a token with this header; none if nothing fits.
   *
   * @throws KeySourceException if there are no keys to look at
   */
  @Override
  public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      List<Key> keys = selector.selectJWSKeys(header, context);
      seen = true;
      return keys;
    } catch (RateLimitReachedException e) {
      if (seen) {
        // The keys are known, this one is not among them, and it is too early to ask again.
        return List.of();
      }
      throw e;
    }
  }
}
