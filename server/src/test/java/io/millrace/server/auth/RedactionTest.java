package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.transport.Handshake;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is printed by accident, in a log or by a debugger. */
final class RedactionTest {
  private static final String SECRET = "hunter2";
  private static final Map<String, String> HEADERS = Map.of("cookie", SECRET);

  @Test
  void nothingThatHoldsCredentialsSaysThem() throws Exception {
    JsonText data = new JsonText("{\"a\":\"" + SECRET + "\"}");
    User user = new User("ann", data, data);
    assertThat(
            new Object[] {
              new AuthRequest.Login(data),
              Logins.with("{\"password\":\"" + SECRET + "\"}"),
              Logins.from(new ConnectionData.Socket("a", HEADERS), "{\"p\":\"" + SECRET + "\"}"),
              new ConnectionData.Socket("a", HEADERS),
              new ConnectionData.Request(HEADERS, "/api/auth?token=" + SECRET),
              new Handshake("a", HEADERS),
              user,
              new AuthOutcome.Accepted(user, null, SECRET),
              new AuthOutcome.Refused(data),
              new Verdict.Decided(new AuthOutcome.Accepted(user, null, SECRET)),
              Argon2id.parse(Argon2id.hash(SECRET)),
            })
        .allSatisfy(each -> assertThat(each.toString()).doesNotContain(SECRET, "argon2id$"));
    assertThat(new AuthOutcome.Accepted(user, null, SECRET).toString()).contains("ann");
  }
}
