package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Limits;
import org.junit.jupiter.api.Test;

final class NoneMethodTest {
  private static Verdict login(String username) {
    return Logins.get(new NoneMethod().check(Logins.with("{\"username\":\"" + username + "\"}")));
  }

  @Test
  void theLongestNameThatOthersCanSayIsTaken() {
    String longest = "x".repeat(Limits.MAX_NAME_LENGTH);
    assertThat(login(longest)).isEqualTo(Verdict.accepted(new User(longest, null, null)));
  }

  /** Whoever watches who is online would be sent it, and have it kept while it does not read. */
  @Test
  void aLongerNameIsRefused() {
    assertThat(login("x".repeat(Limits.MAX_NAME_LENGTH + 1)))
        .isEqualTo(Verdict.refusedBecause("the username is too long"));
  }
}
