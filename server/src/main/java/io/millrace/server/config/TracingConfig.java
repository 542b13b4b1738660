package io.millrace.server.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Spans of the way of a change, sent by OTLP over HTTP.
 *
 * @param endpoint of a collector; {@code /v1/traces} is added
 * @param headers sent with every request, such as authorization; their values are secrets
 * @param sampling which part, 0 to 1, of the messages that come without a trace begin one; those
 *     that come with one say themselves
 * @param timeout for one request
 */
public record TracingConfig(
    boolean enabled,
    String endpoint,
    Map<String, String> headers,
    String serviceName,
    double sampling,
    Duration timeout)
    implements Checked {
  private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** The JDK's HTTP client sets them itself. */
  private static final Set<String> RESTRICTED =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  public TracingConfig {
    headers = Map.copyOf(headers);
  }

  @Override
  public void check(Checks checks) {
    checks.httpUrl("endpoint", endpoint);
    checks.require(
        !endpoint.matches(".*://[^/]*@.*") && !endpoint.matches(".*[?#].*"),
        "endpoint",
        "must hold neither a user nor a query; give what a collector asks for as headers");
    headers.forEach(
        (name, value) -> {
          checks.require(
              HEADER.matcher(name).matches() && !RESTRICTED.contains(name.toLowerCase(Locale.ROOT)),
              "headers",
              Scalars.quote(name) + " is not a header that can be set");
          checks.require(
              value.chars().noneMatch(c -> c < ' ' || c > '~'),
              "headers",
              "the value of " + Scalars.quote(name) + " must be printable ASCII");
        });
    checks.require(
        sampling >= 0 && sampling <= 1, "sampling", "is out of range; allowed are 0 to 1");
    checks.positive("timeout", timeout);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "TracingConfig[enabled=%s, endpoint=%s]".formatted(enabled, endpoint);
  }
}
