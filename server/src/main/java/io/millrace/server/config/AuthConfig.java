package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One way to log in; the entries of the list are tried in order until one accepts or refuses.
 *
 * <p>{@code reportInvalidParameters} says whether wrong credentials end that search; absent: only
 * if the entry is the only one (protocol §8.2).
 */
public sealed interface AuthConfig {

  /** Everyone is let in; the user id is the {@code username} of the login data, else "open". */
  record None() implements AuthConfig {}

  /**
   * User names and hashed passwords from a file.
   *
   * @param users YAML or JSON, relative to the configuration file
   * @param pbkdf2 how the file's passwords were made if they say nothing about it themselves
   */
  record File(Path users, @Nullable Boolean reportInvalidParameters, @Nullable Pbkdf2 pbkdf2)
      implements AuthConfig {}

  /**
   * The parameters of passwords hashed by another server: base64 of the key, then the salt's text.
   *
   * @param digest the hash function within HMAC
   * @param keyLength in bytes
   */
  record Pbkdf2(Digest digest, int iterations, int keyLength) implements Checked {
    @Override
    public void check(Checks checks) {
      checks.between("iterations", iterations, 1, 10_000_000);
      checks.between("keyLength", keyLength, 16, 512);
    }
  }

  /** Hash functions of {@link Pbkdf2}. */
  enum Digest {
    MD5,
    SHA1,
    SHA256,
    SHA512
  }

  /**
   * Signed tokens.
   *
   * @param key a file with a public key (PEM) or a shared secret (anything else), relative to the
   *     configuration file
   * @param jwks the URL of a JSON Web Key Set; one of the two is needed
   * @param issuer what the token's {@code iss} must be; absent: anything
   * @param audience what the token's {@code aud} must contain; absent: anything
   * @param leeway how far clocks may differ
   * @param idClaim the claim that is the user's id
   * @param clientDataClaim the claim that the client is told
   * @param serverDataClaim the claim that permission rules see
   */
  record Jwt(
      @Nullable Path key,
      @Nullable String jwks,
      @Nullable String issuer,
      @Nullable String audience,
      Duration leeway,
      String idClaim,
      String clientDataClaim,
      String serverDataClaim,
      @Nullable Boolean reportInvalidParameters)
      implements AuthConfig, Checked {
    private static final Duration MAX_LEEWAY = Duration.ofMinutes(5);

    /** What an entry has where the file does not say. */
    static final String DEFAULTS =
        """
        leeway: 10s
        idClaim: sub
        clientDataClaim: clientData
        serverDataClaim: serverData
        """;

    @Override
    public void check(Checks checks) {
      checks.require(key != null || jwks != null, "key", "is needed by type jwt, or else jwks");
      checks.require(key == null || jwks == null, "jwks", "must not be given beside key");
      if (jwks != null) {
        checks.httpUrl("jwks", jwks);
      }
      checks.require(
          leeway.compareTo(MAX_LEEWAY) <= 0,
          "leeway",
          "is too long; at most " + Scalars.write(MAX_LEEWAY));
    }
  }

  /**
   * A web service that is asked.
   *
   * @param permittedStatusCodes the statuses that let a user in
   * @param requestTimeout for one request and its answer
   * @param promoteToHeader members of the login data that are sent as headers too
   * @param retryStatusCodes the statuses after which it is asked again
   * @param retryAttempts how often it is asked again, also when it cannot be reached
   */
  record Http(
      String endpointUrl,
      List<Integer> permittedStatusCodes,
      Duration requestTimeout,
      List<String> promoteToHeader,
      List<Integer> retryStatusCodes,
      int retryAttempts,
      Duration retryInterval,
      @Nullable Boolean reportInvalidParameters)
      implements AuthConfig, Checked {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

    /** The HTTP client sets these itself. */
    private static final List<String> RESERVED =
        List.of("connection", "content-length", "content-type", "expect", "host", "upgrade");

    /** What an entry has where the file does not say. */
    static final String DEFAULTS =
        """
        permittedStatusCodes: [200]
        requestTimeout: 2s
        promoteToHeader: []
        retryStatusCodes: []
        retryAttempts: 0
        retryInterval: 1s
        """;

    public Http {
      permittedStatusCodes = List.copyOf(permittedStatusCodes);
      promoteToHeader = List.copyOf(promoteToHeader);
      retryStatusCodes = List.copyOf(retryStatusCodes);
    }

    @Override
    public void check(Checks checks) {
      checks.httpUrl("endpointUrl", endpointUrl);
      checks.notEmpty("permittedStatusCodes", permittedStatusCodes);
      permittedStatusCodes.forEach(code -> checks.between("permittedStatusCodes", code, 100, 599));
      retryStatusCodes.forEach(code -> checks.between("retryStatusCodes", code, 100, 599));
      checks.between("retryAttempts", retryAttempts, 0, 100);
      checks.positive("requestTimeout", requestTimeout);
      checks.positive("retryInterval", retryInterval);
      for (String header : promoteToHeader) {
        checks.require(
            HEADER.matcher(header).matches()
                && RESERVED.stream().noneMatch(header::equalsIgnoreCase),
            "promoteToHeader",
            Scalars.quote(header) + " cannot be the name of a header here");
      }
    }
  }
}
