package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.AuthConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AuthChainTest {
  private static final Verdict ANN = Logins.accepted("ann", "", "");
  private static final AuthOutcome WORDLESS = new AuthOutcome.Refused(null);

  private final List<String> asked = new ArrayList<>();

  private class Fake implements AuthMethod {
    private final String name;
    private final CompletionStage<Verdict> verdict;

    Fake(String name, CompletionStage<Verdict> verdict) {
      this.name = name;
      this.verdict = verdict;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public CompletionStage<Verdict> check(LoginAttempt attempt) {
      asked.add(name);
      return verdict;
    }
  }

  private AuthMethod says(String name, Verdict verdict) {
    return new Fake(name, CompletableFuture.completedFuture(verdict));
  }

  private static AuthOutcome outcome(AuthMethod... methods) {
    return Logins.get(new AuthChain(List.of(methods)).authenticate(Logins.with("{}")));
  }

  @Test
  void theFirstThatKnowsDecides() {
    assertThat(outcome(says("a", Verdict.UNKNOWN), says("b", ANN), says("c", Verdict.UNKNOWN)))
        .isEqualTo(((Verdict.Decided) ANN).outcome());
    assertThat(asked).containsExactly("a", "b");
  }

  @Test
  void aRefusalStopsTheSearch() {
    AuthOutcome refused = new AuthOutcome.Refused(Verdict.error("no"));
    assertThat(outcome(says("a", Verdict.refusedBecause("no")), says("b", ANN))).isEqualTo(refused);
    assertThat(asked).containsExactly("a");
  }

  @Test
  void whenNobodyKnowsTheLoginIsRefusedWithoutAWord() {
    assertThat(outcome(says("a", Verdict.UNKNOWN), says("b", Verdict.UNKNOWN))).isEqualTo(WORDLESS);
  }

  @Test
  void aBugIsARefusalAndNeverAReasonToAskTheNext() {
    AuthMethod failing =
        new Fake("a", CompletableFuture.failedFuture(new IllegalStateException("hunter2")));
    assertThat(outcome(failing, says("b", ANN))).isEqualTo(WORDLESS);
    AuthMethod throwing =
        new Fake("a", CompletableFuture.completedFuture(ANN)) {
          @Override
          public CompletionStage<Verdict> check(LoginAttempt attempt) {
            throw new IllegalStateException("hunter2");
          }
        };
    assertThat(outcome(throwing, says("b", ANN))).isEqualTo(WORDLESS);
    assertThat(asked).containsExactly("a");
  }

  @Test
  void aBugIsLoggedWithoutWhatItSays() {
    AuthMethod failing =
        new Fake(
            "a",
            CompletableFuture.failedFuture(
                new IllegalStateException("hunter2", new IllegalArgumentException("hunter2"))));
    try (Logged logged = new Logged()) {
      assertThat(outcome(failing)).isEqualTo(WORDLESS);
      assertThat(logged.lines())
          .singleElement()
          .asString()
          .contains("java.lang.IllegalArgumentException")
          .doesNotContain("hunter2");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | open",
        "{\"username\":\"ann\"} | ann",
        "{\"username\":7} | 7",
        "{\"username\":null} | open",
        "{\"username\":\"\"} | open",
        "{\"username\":{}} | open"
      })
  void typeNoneLetsEveryoneInUnderTheirName(String json, String id) {
    try (AuthChain chain = AuthChain.open(List.of(new AuthConfig.None()))) {
      assertThat(chain.usesConnectionData()).isFalse();
      assertThat(Logins.get(chain.authenticate(Logins.with(json))))
          .isEqualTo(new AuthOutcome.Accepted(new User(id, null, null), null));
    }
  }
}
