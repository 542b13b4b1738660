package io.millrace.server.config;

import java.time.Duration;
import java.util.List;

/** The HTTP API (protocol §7). */
public record HttpConfig(
    String path,
    String authPath,
    boolean allowAuthData,
    Duration requestTimeout,
    DataSize maxBodySize,
    Cors cors)
    implements Checked {

  @Override
  public void check(Checks checks) {
    checks.path("path", path);
    checks.path("authPath", authPath);
    checks.require(!path.equals(authPath), "authPath", "must not be the same as http.path");
    checks.positive("requestTimeout", requestTimeout);
    checks.messageSize("maxBodySize", maxBodySize);
  }

  /** Which web origins may call. */
  public record Cors(boolean allowAllOrigins, List<String> origins) implements Checked {
    public Cors {
      origins = List.copyOf(origins);
    }

    @Override
    public void check(Checks checks) {
      // Who lists origins wants to shut out the others, which the default would let in.
      checks.require(
          !allowAllOrigins || origins.isEmpty(),
          "allowAllOrigins",
          "must be false when http.cors.origins lists some");
      for (String origin : origins) {
        checks.require(
            origin.matches("https?://[^\\s/]+"),
            "origins",
            Scalars.quote(origin) + " is not an origin; write for example https://example.com");
      }
    }
  }
}
