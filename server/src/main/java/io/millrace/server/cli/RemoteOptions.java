package io.millrace.server.cli;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command talks to, and as whom. */
final class RemoteOptions {
  @Option(
      names = {"-u", "--url"},
      paramLabel = "URL",
      defaultValue = "${env:MILLRACE_URL:-http://127.0.0.1:6020}",
      description = "Where the server is (or MILLRACE_URL); default: ${DEFAULT-VALUE}.")
  private URI url = URI.create("http://127.0.0.1:6020");

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:MILLRACE_TOKEN}",
      description = "Log in with a token; better given as MILLRACE_TOKEN, which ps does not show.")
  private @Nullable String token;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "Log in with a user name and the password in MILLRACE_PASSWORD.")
  private @Nullable String user;

  URI url() {
    return url;
  }

  /** The value of the Authorization header. */
  Optional<String> authorization() {
    if (token != null && !token.isEmpty()) {
      return Optional.of("Bearer " + token);
    }
    if (user == null) {
      return Optional.empty();
    }
    String password = Optional.ofNullable(System.getenv("MILLRACE_PASSWORD")).orElse("");
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
  }
}
