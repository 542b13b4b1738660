package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.LocalService.Answer;
import io.millrace.server.auth.LocalService.Question;
import io.millrace.server.config.AuthConfig;
import io.millrace.server.config.ConfigLoader;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Type http (protocol §8.2), with a real web service. */
final class WebhookMethodIT {
  private final LocalService service = new LocalService();

  @AfterEach
  void stop() {
    service.close();
  }

  private Verdict check(String settings, String authData) {
    return check(settings, true, Logins.with(authData));
  }

  private Verdict check(String settings, boolean only, LoginAttempt attempt) {
    return check(service.url("/check"), settings, only, attempt);
  }

  private static Verdict check(String url, String settings, boolean only, LoginAttempt attempt) {
    AuthConfig.Http config =
        (AuthConfig.Http)
            ConfigLoader.parse(
                    "auth: [{ type: http, endpointUrl: '%s', retryInterval: 5ms, %s%s }]"
                        .formatted(
                            url,
                            settings.contains("requestTimeout") ? "" : "requestTimeout: 60s, ",
                            settings))
                .auth()
                .getFirst();
    try (WebhookMethod method = new WebhookMethod(config, only)) {
      return Logins.get(method.check(attempt));
    }
  }

  private Verdict answered(Answer answer) {
    service.answers(question -> answer);
    return check("retryAttempts: 0", "{}");
  }

  private JsonNode asked() {
    return Json.parse(service.questions().getLast().body()).orElseThrow();
  }

  private static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }

  @Test
  void aWebSocketsLoginIsPostedWithWhereItComesFrom() {
    LoginAttempt attempt =
        Logins.from(
            new ConnectionData.Socket("192.0.2.7", Map.of("referer", "http://r/", "cookie", "c=1")),
            "{\"username\":\"ann\",\"n\":1.50}");
    check("retryAttempts: 0", true, attempt);

    Question question = service.questions().getFirst();
    assertThat(question.method()).isEqualTo("POST");
    assertThat(question.path()).isEqualTo("/check");
    assertThat(question.headers().get("content-type")).startsWith("application/json");
    assertThat(asked())
        .isEqualTo(
            json(
                """
                {"connectionData":{"remoteAddress":"192.0.2.7",
                 "headers":{"referer":"http://r/","cookie":"c=1"},"referer":"http://r/"},
                 "authData":{"username":"ann","n":1.50}}
                """));
  }

  @Test
  void anHttpLoginIsPostedWithHeadersAndUrl() {
    check(
        "retryAttempts: 0",
        true,
        Logins.from(new ConnectionData.Request(Map.of("a", "b"), "/api/auth"), "{}"));

    assertThat(asked())
        .isEqualTo(
            json(
                "{\"connectionData\":{\"headers\":{\"a\":\"b\"},\"url\":\"/api/auth\"},\"authData\":{}}"));
  }

  @Test
  void namedLoginDataAreSentAsHeadersToo() {
    check(
        "promoteToHeader: [token, number, absent, object, evil]",
        "{\"token\":\"abc\",\"number\":7,\"object\":{},\"evil\":\"a\\r\\nhost: b\"}");

    assertThat(service.questions().getFirst().headers())
        .containsEntry("token", "abc")
        .containsEntry("number", "7")
        .doesNotContainKeys("absent", "object", "evil");
    assertThat(asked().at("/authData/token").asText()).isEqualTo("abc");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "application/json | \"ann\" | ann",
        "text/plain | ann | ann",
        "application/json | ann | ann",
        "text/plain | `` | OPEN",
        "application/json | {} | OPEN",
        "application/json | {\"id\":\"\"} | OPEN",
        "application/json | {\"id\":7} | 7",
        "application/json | null | OPEN",
        "application/json | [1] | OPEN",
        "text/plain | {\"id\":\"ann\"} | ann",
      })
  void theBodyOrItsIdIsTheUser(String type, String body, String id) {
    assertThat(answered(new Answer(200, type, body))).isEqualTo(Logins.accepted(id, "", ""));
  }

  @Test
  void theBodyMayTellMore() {
    assertThat(
            answered(
                Answer.json(
                    200,
                    "{\"id\":\"ann\",\"clientData\":{\"a\":1},\"serverData\":\"s\",\"token\":\"t\"}")))
        .isEqualTo(
            new Verdict.Decided(
                new AuthOutcome.Accepted(
                    new User("ann", new JsonText("{\"a\":1}"), new JsonText("\"s\"")), null, "t")));
    assertThat(answered(Answer.json(200, "{\"id\":\"ann\",\"clientData\":null}")))
        .isEqualTo(Logins.accepted("ann", "null", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "text/plain | go away | {\"error\":\"go away\"}",
        "application/json | \"go away\" | {\"error\":\"go away\"}",
        "application/json | {\"why\":1} | {\"why\":1}",
        "application/json | {} | ",
        "text/plain | `` | ",
        "application/json | 7 | ",
      })
  void anotherStatusIsARefusalWithTheBodyForTheClient(String type, String body, String clientData) {
    assertThat(answered(new Answer(401, type, body)))
        .isEqualTo(Verdict.refused(clientData == null ? null : new JsonText(clientData)));
  }

  @Test
  void whichStatusesLetInIsSaidByTheConfiguration() {
    service.answers(question -> Answer.text(202, "ann"));
    assertThat(check("permittedStatusCodes: [201, 202]", "{}"))
        .isEqualTo(Logins.accepted("ann", "", ""));
    assertThat(check("permittedStatusCodes: [200]", "{}")).isEqualTo(Verdict.refusedBecause("ann"));
  }

  @Test
  void amongOthersARefusalIsLeftToTheNext() {
    service.answers(question -> Answer.text(401, "no"));
    assertThat(check("retryAttempts: 0", false, Logins.with("{}"))).isEqualTo(Verdict.UNKNOWN);
    assertThat(check("reportInvalidParameters: true", false, Logins.with("{}")))
        .isEqualTo(Verdict.refusedBecause("no"));
  }

  @Test
  void itIsAskedAgainAsOftenAsAllowed() {
    AtomicInteger times = new AtomicInteger();
    service.answers(
        question ->
            times.incrementAndGet() < 3 ? Answer.text(504, "later") : Answer.text(200, "ann"));
    assertThat(check("retryStatusCodes: [504], retryAttempts: 2", "{}"))
        .isEqualTo(Logins.accepted("ann", "", ""));
    assertThat(times).hasValue(3);

    times.set(0);
    assertThat(check("retryStatusCodes: [504], retryAttempts: 1", "{}"))
        .isEqualTo(Verdict.refusedBecause("AUTH_RETRY_ATTEMPTS_EXCEEDED"));
    assertThat(times).hasValue(2);
  }

  @Test
  void nothingOfALoginIsLoggedWhateverHappens() {
    String login = "{\"password\":\"hunter2\",\"token\":\"hunter2\\u0001\"}";
    String settings =
        "promoteToHeader: [password, token], retryStatusCodes: [504], retryAttempts: 1";
    try (Logged logged = new Logged()) {
      service.answers(question -> Answer.text(504, question.body()));
      check(settings, login);
      service.answers(question -> Answer.text(401, question.body()));
      check(settings, login);
      service.answers(question -> Answer.redirect(302, "hunter2://hunter2"));
      check(settings, login);
      service.close();
      check(settings, login);

      assertThat(logged.lines())
          .anyMatch(line -> line.startsWith("the webhook (auth type http) is away"))
          .noneMatch(line -> line.contains("hunter2"));
    }
  }

  /** Also among others: that a service is away is no reason to let the next decide. */
  @Test
  void aServiceThatIsAwayIsAskedAgainToo() {
    int port = service.port();
    service.close();
    String url = "http://127.0.0.1:" + port + "/check";
    assertThat(check(url, "retryAttempts: 2", false, Logins.with("{}")))
        .isEqualTo(Verdict.refusedBecause("AUTH_RETRY_ATTEMPTS_EXCEEDED"));
  }

  @Test
  void aServiceThatIsSilentIsGivenUp() {
    CountDownLatch end = new CountDownLatch(1);
    service.answers(
        question -> {
          end.await();
          return Answer.text(200, "late");
        });
    assertThat(check("requestTimeout: 1s, retryAttempts: 1", "{}"))
        .isEqualTo(Verdict.refusedBecause("AUTH_RETRY_ATTEMPTS_EXCEEDED"));
    Awaitility.await().untilAsserted(() -> assertThat(service.questions()).hasSize(2));
    end.countDown();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void twoRedirectsAreFollowedWithTheWholeQuestion(int status) {
    service.answers(
        question ->
            switch (question.path()) {
              case "/check" -> Answer.redirect(status, "/two");
              case "/two" -> Answer.redirect(status, service.url("/three"));
              default -> Answer.text(200, "ann");
            });
    assertThat(check("promoteToHeader: [t]", "{\"t\":\"x\"}"))
        .isEqualTo(Logins.accepted("ann", "", ""));
    Question last = service.questions().getLast();
    assertThat(last.path()).isEqualTo("/three");
    assertThat(last.method()).isEqualTo("POST");
    assertThat(last.headers()).containsEntry("t", "x");
    assertThat(last.body()).isEqualTo(service.questions().getFirst().body());
  }

  @Test
  void theThirdRedirectIsARefusal() {
    service.answers(question -> Answer.redirect(302, question.path() + "x"));
    assertThat(check("retryAttempts: 0", "{}")).isEqualTo(Verdict.refused(null));
    assertThat(service.questions()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/", "http://", "::"})
  void aRedirectToSomewhereElseIsARefusal(String location) {
    assertThat(answered(Answer.redirect(302, location))).isEqualTo(Verdict.refused(null));
    assertThat(service.questions()).hasSize(1);
  }

  @Test
  void anAnswerThatIsTooLargeIsNoAnswer() {
    assertThat(answered(Answer.text(200, "a".repeat(64 * 1024))))
        .isEqualTo(Logins.accepted("a".repeat(64 * 1024), "", ""));
    assertThat(answered(Answer.text(200, "a".repeat(64 * 1024 + 1))))
        .isEqualTo(Verdict.refusedBecause("AUTH_RETRY_ATTEMPTS_EXCEEDED"));
  }
}
