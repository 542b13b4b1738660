package io.millrace.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.Topic;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.auth.ConnectionData;
import io.millrace.server.auth.LoginAttempt;
import io.millrace.server.auth.User;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.dispatch.QuietFeatures;
import io.millrace.server.permission.OpenGate;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.record.IdleRecords;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.Handshake;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** States and answers of a connection (protocol §2, §1.10). */
final class SessionTest {
  private static final Duration HEARTBEAT = Duration.ofSeconds(30);
  private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(100);
  private static final int MAX_OPEN = 128;
  private static final ServerMessage PONG = plain(ConnectionAction.PONG);
  private static final ServerMessage ACCEPT = plain(ConnectionAction.ACCEPT);
  private static final ClientMessage PING = new ConnectionRequest.Ping();
  private static final ClientMessage CHALLENGE =
      new ConnectionRequest.Challenge("ws://host/deepstream", "0.1a", "7.0.5", "javascript");
  private static final ClientMessage READ = new RecordRequest.Read(new RecordName("a"));

  /** Before any session, so that what is not yet over so long after it is not over for any. */
  private final long begun = System.nanoTime();

  private final ManualEventLoops loops = new ManualEventLoops(1);
  private final FakeConnection connection = new FakeConnection(loops);
  private final Set<String> wanted = new HashSet<>();
  private final IdleRecords records = new IdleRecords(loops, new Wanted());
  private final List<CompletableFuture<AuthOutcome>> logins = new ArrayList<>();
  private final List<LoginAttempt> attempts = new ArrayList<>();
  private final List<Subscriber> loggedIn = new ArrayList<>();
  private Optional<String> elsewhere = Optional.empty();
  private PermissionGate gate = new OpenGate();
  private final Sessions sessions = new Sessions(loops.all(), rules(LOGIN_TIMEOUT));

  /** Notes which records somebody is subscribed to. */
  private final class Wanted implements InterestObserver {
    @Override
    public void first(Interest interest) {
      wanted.add(interest.name());
    }

    @Override
    public void last(String name) {
      wanted.remove(name);
    }
  }

  SessionTest() {
    connection.openOn(sessions);
  }

  private SessionRules rules(Duration loginTimeout) {
    return new SessionRules(
        HEARTBEAT, loginTimeout, 3, this::authenticate, path -> elsewhere, this::dispatcherFor);
  }

  private CompletableFuture<AuthOutcome> authenticate(LoginAttempt attempt) {
    attempts.add(attempt);
    CompletableFuture<AuthOutcome> outcome = new CompletableFuture<>();
    logins.add(outcome);
    return outcome;
  }

  private Dispatcher dispatcherFor(Subscriber subscriber) {
    loggedIn.add(subscriber);
    return new Dispatcher(subscriber, QuietFeatures.of(gate, loops.all(), records.records()));
  }

  private static ServerMessage plain(ConnectionAction action) {
    return new ConnectionReply.Plain(action);
  }

  private static ServerMessage auth(AuthAction action) {
    return new AuthReply(action);
  }

  private static ClientMessage login(@Nullable String data) {
    return new AuthRequest.Login(data == null ? null : new JsonText(data));
  }

  private static DecodeResult<ClientMessage> refused(Reason reason, int topic, int action) {
    return new DecodeResult.Refused<>(reason, topic, action, null, null, false, "test");
  }

  private List<ServerMessage> says(ClientMessage... messages) {
    for (ClientMessage message : messages) {
      connection.receives(new DecodeResult.Decoded<>(message));
    }
    loops.runAll();
    return connection.take();
  }

  private List<ServerMessage> garbles(DecodeResult<ClientMessage> refused) {
    connection.receives(refused);
    loops.runAll();
    return connection.take();
  }

  private List<ServerMessage> outcome(int login, AuthOutcome outcome) {
    // From another thread, as authenticators do.
    logins.get(login).complete(outcome);
    loops.runAll();
    return connection.take();
  }

  private static AuthOutcome accepted() {
    return new AuthOutcome.Accepted(new User("open", null, null), null);
  }

  private static AuthOutcome rejected() {
    return new AuthOutcome.Refused(null);
  }

  private void logIn() {
    says(CHALLENGE, login("{}"));
    outcome(0, accepted());
  }

  /** What no state but OPEN wants to hear. */
  static Stream<DecodeResult<ClientMessage>> rubbish() {
    return Stream.of(
        refused(Reason.UNREADABLE, -1, -1),
        refused(Reason.UNKNOWN_TOPIC, 0, -1),
        refused(Reason.UNKNOWN_TOPIC, 11, 2),
        refused(Reason.UNKNOWN_ACTION, Topic.RECORD.number(), 99),
        new DecodeResult.Decoded<>(READ));
  }

  @Nested
  final class BeforeTheChallenge {

    @Test
    void aChallengeIsAccepted() {
      assertThat(says(CHALLENGE)).containsExactly(ACCEPT);
    }

    @Test
    void aPingIsAnswered() {
      assertThat(says(PING)).containsExactly(PONG);
    }

    @ParameterizedTest
    @MethodSource("io.millrace.server.session.SessionTest#rubbish")
    void anythingElseIsInvalidAndTheSocketStaysOpen(DecodeResult<ClientMessage> rubbish) {
      assertThat(garbles(rubbish)).containsExactly(plain(ConnectionAction.INVALID_MESSAGE));
      assertThat(connection.isClosed()).isFalse();
      assertThat(says(CHALLENGE)).containsExactly(ACCEPT);
    }

    @Test
    void aLoginIsInvalidAndNotLookedAt() {
      assertThat(says(login("{}"))).containsExactly(plain(ConnectionAction.INVALID_MESSAGE));
      assertThat(logins).isEmpty();
    }

    @Test
    void otherConnectionActionsAreIgnored() {
      assertThat(says(new ConnectionRequest.Unexpected(ConnectionAction.ACCEPT))).isEmpty();
      assertThat(says(CHALLENGE)).containsExactly(ACCEPT);
    }
  }

  @Nested
  final class BeforeTheLogin {

    @Test
    void aPingIsAnswered() {
      assertThat(says(CHALLENGE, PING)).containsExactly(ACCEPT, PONG);
    }

    @Test
    void aSecondChallengeIsInvalid() {
      assertThat(says(CHALLENGE, CHALLENGE))
          .containsExactly(ACCEPT, auth(AuthAction.INVALID_MESSAGE));
      assertThat(connection.isClosed()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("io.millrace.server.session.SessionTest#rubbish")
    void otherTopicsAreInvalidAndTheSocketStaysOpen(DecodeResult<ClientMessage> rubbish) {
      says(CHALLENGE);
      assertThat(garbles(rubbish)).containsExactly(auth(AuthAction.INVALID_MESSAGE));
      assertThat(connection.isClosed()).isFalse();
      says(login("{}"));
      assertThat(logins).hasSize(1);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"12", "\"text\"", "null", "[]", "{", ""})
    void loginDataThatIsNoObjectClosesTheSocket(@Nullable String data) {
      says(CHALLENGE);
      assertThat(says(login(data))).containsExactly(auth(AuthAction.INVALID_MESSAGE_DATA));
      assertThat(connection.isClosed()).isTrue();
      assertThat(logins).isEmpty();
    }

    @Test
    void anotherAuthActionClosesTheSocket() {
      says(CHALLENGE);
      assertThat(says(new AuthRequest.Unexpected(AuthAction.AUTH_SUCCESSFUL)))
          .containsExactly(auth(AuthAction.INVALID_MESSAGE_DATA));
      assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aGarbledAuthMessageClosesTheSocket() {
      says(CHALLENGE);
      assertThat(garbles(refused(Reason.UNKNOWN_ACTION, Topic.AUTH.number(), 77)))
          .containsExactly(auth(AuthAction.INVALID_MESSAGE_DATA));
      assertThat(connection.isClosed()).isTrue();
    }

    /** Until the close is through, the peer may go on talking. */
    @Test
    void nothingIsHeardAfterAClose() {
      says(CHALLENGE, login("12"));
      assertThat(says(login("{}"), READ, PING)).isEmpty();
      assertThat(logins).isEmpty();
    }
  }

  @Nested
  final class Login {

    @Test
    void isToldWhatTheAuthenticatorHasForTheClient() {
      says(CHALLENGE, login("{\"username\":\"ann\"}"));
      assertThat(
              outcome(
                  0,
                  new AuthOutcome.Accepted(new User("ann", new JsonText("{\"a\":1}"), null), null)))
          .containsExactly(new AuthReply(AuthAction.AUTH_SUCCESSFUL, new JsonText("{\"a\":1}")));
      assertThat(loggedIn).hasSize(1);
    }

    @Test
    void tellsTheAuthenticatorWhereItComesFromAndForgetsItThen() {
      says(CHALLENGE, login("{\"a\":1}"));
      assertThat(attempts)
          .singleElement()
          .satisfies(
              attempt -> {
                assertThat(attempt.authData().get("a").asInt()).isEqualTo(1);
                assertThat(attempt.connectionData())
                    .isEqualTo(new ConnectionData.Socket("192.0.2.1", Map.of("cookie", "c=1")));
              });
      outcome(0, accepted());
      assertThat(connection.handshake()).isEqualTo(Handshake.FORGOTTEN);
    }

    @Test
    void withDataLargerThanAnyCredentialsIsNotLookedAt() {
      says(CHALLENGE);
      assertThat(says(login("{\"a\":\"" + "x".repeat(65_536) + "\"}")))
          .containsExactly(auth(AuthAction.INVALID_MESSAGE_DATA));
      assertThat(connection.isClosed()).isTrue();
      assertThat(logins).isEmpty();
    }

    @Test
    void holdsBackWhatFollowsUntilItIsChecked() {
      says(CHALLENGE);
      assertThat(says(login("{}"), PING, new RecordRequest.Head(new RecordName("a")))).isEmpty();
      assertThat(connection.isReading()).isFalse();
      assertThat(logins).hasSize(1);
      records.carryOut();
      assertThat(outcome(0, accepted())).containsExactly(auth(AuthAction.AUTH_SUCCESSFUL), PONG);
      assertThat(connection.isReading()).isTrue();
      records.carryOut();
      assertThat(connection.take())
          .containsExactly(new RecordPush.HeadResponse(new RecordName("a"), -1));
    }

    @Test
    void mayBeTriedAgainUpToTheLimit() {
      says(CHALLENGE);
      says(login("{}"));
      assertThat(outcome(0, new AuthOutcome.Refused(new JsonText("\"no\""))))
          .containsExactly(new AuthReply(AuthAction.AUTH_UNSUCCESSFUL, new JsonText("\"no\"")));
      says(login("{}"));
      assertThat(outcome(1, rejected())).containsExactly(auth(AuthAction.AUTH_UNSUCCESSFUL));
      assertThat(connection.isClosed()).isFalse();
      says(login("{}"));
      assertThat(outcome(2, rejected()))
          .containsExactly(
              auth(AuthAction.AUTH_UNSUCCESSFUL), auth(AuthAction.TOO_MANY_AUTH_ATTEMPTS));
      assertThat(connection.isClosed()).isTrue();
    }

    /** Sent in one burst, they are checked one after the other, and no more than allowed. */
    @Test
    void attemptsBeyondTheLimitAreNotChecked() {
      says(CHALLENGE);
      says(login("{}"), login("{}"), login("{}"), login("{}"), login("{}"));
      for (int i = 0; i < 3; i++) {
        outcome(i, rejected());
      }
      assertThat(logins).hasSize(3);
      assertThat(connection.isClosed()).isTrue();
      assertThat(says(login("{}"))).isEmpty();
      assertThat(logins).hasSize(3);
    }

    @Test
    void succeedsAfterAFailure() {
      says(CHALLENGE, login("{}"));
      outcome(0, rejected());
      says(login("{}"));
      assertThat(outcome(1, accepted())).containsExactly(auth(AuthAction.AUTH_SUCCESSFUL));
    }

    @Test
    void thatFailsForAReasonOfTheServersIsNoLogin() {
      says(CHALLENGE, login("{}"));
      logins.get(0).completeExceptionally(new IllegalStateException("webhook is away"));
      loops.runAll();
      assertThat(connection.take()).containsExactly(auth(AuthAction.AUTH_UNSUCCESSFUL));
      assertThat(loggedIn).isEmpty();
    }

    @Test
    void thatIsCheckedAfterTheSocketHasGoneIsNone() {
      says(CHALLENGE, login("{}"), READ);
      connection.disappears();
      assertThat(outcome(0, accepted())).isEmpty();
      assertThat(loggedIn).isEmpty();
    }
  }

  @Nested
  final class Open {

    @Test
    void aPingIsAnswered() {
      logIn();
      assertThat(says(PING)).containsExactly(PONG);
    }

    @Test
    void topicsThatAreNotServedAreUnknownAndTheSocketStaysOpen() {
      logIn();
      for (ClientMessage message :
          List.of(login("{}"), CHALLENGE, new AuthRequest.Unexpected(AuthAction.ERROR))) {
        assertThat(says(message))
            .as(message.toString())
            .extracting(ServerMessage::action)
            .containsExactly(ParserAction.UNKNOWN_TOPIC);
      }
      assertThat(garbles(refused(Reason.UNREADABLE, -1, -1)))
          .containsExactly(new ParserReply(ParserAction.UNKNOWN_TOPIC));
      assertThat(garbles(refused(Reason.UNKNOWN_TOPIC, 11, -1)))
          .containsExactly(new ParserReply(ParserAction.UNKNOWN_TOPIC, 11, null));
      assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void unknownActionsAreNamed() {
      logIn();
      assertThat(garbles(refused(Reason.UNKNOWN_ACTION, Topic.RECORD.number(), 99)))
          .containsExactly(new ParserReply(ParserAction.UNKNOWN_ACTION, Topic.RECORD.number(), 99));
    }

    /** So that a write's callback hears of it. */
    @Test
    void invalidFieldsOfARecordRequestAreAnsweredWithItsIds() {
      logIn();
      assertThat(
              garbles(
                  new DecodeResult.Refused<>(
                      Reason.INVALID_FIELDS,
                      Topic.RECORD.number(),
                      RecordAction.UPDATE.number(),
                      "a",
                      "w1",
                      true,
                      "test")))
          .containsExactly(
              new RecordPush.Failure(
                  RecordAction.INVALID_MESSAGE_DATA,
                  "a",
                  RecordAction.UPDATE,
                  true,
                  new WriteAckRequest(true, "w1"),
                  null,
                  null));
    }

    /** A gate that takes its time over everything, and cannot judge a request for a version. */
    private final class BrokenGate implements PermissionGate {
      @Override
      public void judge(
          Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed) {
        if (message instanceof RecordRequest.Head) {
          throw new IllegalStateException("a bug");
        }
        subscriber.hold();
      }

      @Override
      public void visibleUsers(
          Subscriber subscriber, List<String> users, Consumer<List<String>> visible) {}

      @Override
      public void mayRead(Subscriber subscriber, RecordName name, Consumer<Boolean> answer) {}
    }

    /** What came behind would wait for ever, and so would the client. */
    @Test
    void aBugEndsTheSession() {
      gate = new BrokenGate();
      logIn();
      says(READ, new RecordRequest.Head(new RecordName("a")), READ);
      assertThat(connection.isClosed()).isFalse();
      connection.loop().execute(loggedIn.get(0)::release);
      loops.runAll();
      assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void nothingIsSentToASocketThatHasGone() {
      logIn();
      says(READ);
      connection.disappears();
      records.carryOut();
      loops.runAll();
      assertThat(connection.take()).isEmpty();
      assertThat(sessions.count()).isZero();
    }
  }

  @Nested
  final class BackPressure {

    @Test
    void tooManyOpenRequestsStopTheReadingUntilHalfAreAnswered() {
      logIn();
      for (int i = 1; i < MAX_OPEN; i++) {
        says(READ);
      }
      assertThat(connection.isReading()).isTrue();
      says(READ);
      assertThat(connection.isReading()).isFalse();
      records.carryOut(MAX_OPEN / 2 - 1);
      assertThat(connection.isReading()).isFalse();
      records.carryOut(1);
      assertThat(connection.isReading()).isTrue();
      int answered = connection.take().size();
      records.carryOut();
      assertThat(answered + connection.take().size()).isEqualTo(MAX_OPEN);
    }

    /** What arrived in one read with the request too many. */
    @Test
    void whatHasArrivedMeanwhileWaitsAndKeepsItsOrder() {
      logIn();
      for (int i = 0; i < MAX_OPEN; i++) {
        says(READ);
      }
      assertThat(says(PING, new RecordRequest.Head(new RecordName("b")))).isEmpty();
      records.carryOut();
      records.carryOut();
      List<ServerMessage> answers = connection.take();
      assertThat(answers).hasSize(MAX_OPEN + 2).contains(PONG);
      assertThat(answers.get(answers.size() - 1))
          .isEqualTo(new RecordPush.HeadResponse(new RecordName("b"), -1));
      assertThat(connection.isReading()).isTrue();
    }

    /** One bulk request is as many requests as it has names. */
    @Test
    void aBulkRequestIsBegunPieceByPiece() {
      logIn();
      List<RecordName> names =
          IntStream.range(0, 3 * MAX_OPEN).mapToObj(i -> new RecordName("n" + i)).toList();
      says(new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "1"), PING);
      assertThat(connection.isReading()).isFalse();
      assertThat(records.waiting()).isEqualTo(MAX_OPEN);
      records.carryOut();
      List<ServerMessage> answers = new ArrayList<>(connection.take());
      assertThat(answers).hasSize(names.size() + 1).contains(PONG);
      assertThat(connection.isReading()).isTrue();
    }

    @Test
    void aClientThatDoesNotReadMayNotAsk() {
      logIn();
      connection.setWritable(false);
      assertThat(connection.isReading()).isFalse();
      connection.setWritable(true);
      assertThat(connection.isReading()).isTrue();
    }

    @Test
    void readingAgainDoesNotLiftTheOtherReasonToStop() {
      logIn();
      for (int i = 0; i < MAX_OPEN; i++) {
        says(READ);
      }
      connection.setWritable(false);
      connection.setWritable(true);
      assertThat(connection.isReading()).isFalse();
      connection.setWritable(false);
      records.carryOut();
      assertThat(connection.isReading()).isFalse();
      connection.setWritable(true);
      assertThat(connection.isReading()).isTrue();
    }
  }

  @Nested
  final class Time {

    /** However long the test has taken so far, no session is older than that. */
    private void checkAtAge(Duration atMost) {
      connection.check(begun + atMost.toNanos());
    }

    private void check(Duration sinceNow) {
      connection.check(System.nanoTime() + sinceNow.toNanos());
    }

    @Test
    void aSilentClientIsClosedAfterTwoHeartbeats() {
      logIn();
      checkAtAge(HEARTBEAT.multipliedBy(2).minusSeconds(5));
      assertThat(connection.isClosed()).isFalse();
      check(HEARTBEAT.multipliedBy(2).plusSeconds(5));
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.take()).isEmpty();
    }

    @Test
    void othersDoNotWaitForTheEndOfASocketThatIsClosed() {
      logIn();
      says(new RecordRequest.Bulk(RecordAction.SUBSCRIBE, List.of(new RecordName("a")), "0"));
      assertThat(wanted).containsExactly("a");
      check(HEARTBEAT.multipliedBy(2).plusMillis(1));
      assertThat(connection.isClosed()).isTrue();
      assertThat(wanted).isEmpty();
      connection.disappears();
      assertThat(wanted).isEmpty();
    }

    @Test
    void nobodyWaitsForASocketThatItsConnectionCloses() {
      logIn();
      says(new RecordRequest.Bulk(RecordAction.SUBSCRIBE, List.of(new RecordName("a")), "0"));
      connection.breaksOff();
      assertThat(wanted).isEmpty();
    }

    @Test
    void aClientThatDoesNotLogInIsToldOnceAndClosed() {
      Session patient = connection.openSession(rules(Duration.ofSeconds(20)));
      patient.check(begun + Duration.ofSeconds(15).toNanos());
      assertThat(connection.isClosed()).isFalse();
      patient.check(System.nanoTime() + Duration.ofSeconds(25).toNanos());
      patient.check(System.nanoTime() + Duration.ofSeconds(26).toNanos());
      assertThat(connection.take()).containsExactly(plain(ConnectionAction.AUTHENTICATION_TIMEOUT));
      assertThat(connection.isClosed()).isTrue();
    }

    /** Unlike in the reference, where any attempt cancels the timer (§2.2). */
    @Test
    void aFailedLoginDoesNotBuyTime() {
      connection.openOn(new Sessions(loops.all(), rules(Duration.ofSeconds(20))));
      says(CHALLENGE, login("{}"));
      outcome(0, rejected());
      check(Duration.ofSeconds(25));
      assertThat(connection.take()).containsExactly(plain(ConnectionAction.AUTHENTICATION_TIMEOUT));
    }

    @Test
    void aLoginEndsTheWaitForIt() {
      connection.openOn(new Sessions(loops.all(), rules(Duration.ofSeconds(20))));
      logIn();
      checkAtAge(Duration.ofSeconds(25));
      assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void withoutATimeoutAClientMayWaitForEver() {
      Session patient = connection.openSession(rules(Duration.ZERO));
      patient.check(begun + Duration.ofSeconds(59).toNanos());
      assertThat(connection.isClosed()).isFalse();
    }

    private void logInUntil(Instant expiresAt) {
      says(CHALLENGE, login("{}"));
      outcome(0, new AuthOutcome.Accepted(new User("ann", null, null), expiresAt));
    }

    @Test
    void aLoginThatEndsEndsTheSessionWithAReason() {
      logInUntil(Instant.now().plusSeconds(20));
      checkAtAge(Duration.ofSeconds(15));
      assertThat(connection.isClosed()).isFalse();
      check(Duration.ofSeconds(25));
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.closeReason()).isEqualTo("4401 TOKEN_EXPIRED");
      // The npm client would take any word about its login for a bug.
      assertThat(connection.take()).isEmpty();
      assertThat(says(PING)).isEmpty();
    }

    @Test
    void aLoginThatEndsAtTheEndOfTimeNeverDoes() {
      logInUntil(Instant.MAX);
      checkAtAge(Duration.ofSeconds(50));
      assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void whoIsSentAwayIsHeardOut() {
      logIn();
      sessions.closeAll();
      loops.runAll();
      assertThat(connection.isHearingOut()).isTrue();
      connection.receives(new DecodeResult.Decoded<>(READ));
      assertThat(records.waiting()).isEqualTo(1);
    }

    @Test
    void whoIsToLeaveFirstEndsWhatItHasBegun() {
      Session session = connection.openSession(rules(LOGIN_TIMEOUT));
      logIn();
      says(READ);
      assertThat(session.sendAway(Duration.ofMinutes(1))).isTrue();
      loops.runAll();
      assertThat(connection.isClosed()).isFalse();
      records.carryOut();
      assertThat(connection.take()).hasSize(1);
      assertThat(connection.isHearingOut()).isTrue();
    }

    @Test
    void whoDoesNotComeToAnEndHasToGoNevertheless() {
      Session session = connection.openSession(rules(LOGIN_TIMEOUT));
      logIn();
      says(READ);
      long told = System.nanoTime();
      session.sendAway(Duration.ofSeconds(1));
      loops.runAll();
      session.leave(told + Duration.ofMillis(900).toNanos());
      assertThat(connection.isClosed()).isFalse();
      session.leave(System.nanoTime() + Duration.ofMillis(1100).toNanos());
      assertThat(connection.isHearingOut()).isTrue();
    }

    @Test
    void whatCameBeforeTheClientClosedIsCarriedOutAlsoIfItIsTooMuchAtOnce() {
      logIn();
      sessions.closeAll();
      loops.runAll();
      for (int i = 0; i < MAX_OPEN + 8; i++) {
        connection.receives(new DecodeResult.Decoded<>(READ));
      }
      // It has not read what it was sent.
      connection.setWritable(false);
      connection.breaksOff();
      connection.disappears();
      assertThat(records.waiting()).isEqualTo(MAX_OPEN);
      assertThat(sessions.count()).isEqualTo(1);

      records.carryOut(MAX_OPEN / 2);
      assertThat(records.waiting()).isEqualTo(MAX_OPEN / 2 + 8);
      assertThat(sessions.count()).isZero();
    }

    @Test
    void whoIsAboutToBeRedirectedIsNotClosed() {
      elsewhere = Optional.of("ws://other/deepstream");
      Session session = connection.openSession(rules(LOGIN_TIMEOUT));
      assertThat(session.sendAway(Duration.ofMinutes(1))).isFalse();
      assertThat(says(CHALLENGE))
          .containsExactly(new ConnectionReply.Redirect("ws://other/deepstream"));
      assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void aClientThatComesToALeavingNodeIsSentElsewhere() {
      elsewhere = Optional.of("ws://other/deepstream");
      assertThat(says(CHALLENGE))
          .containsExactly(new ConnectionReply.Redirect("ws://other/deepstream"));
      assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void sessionsAreCheckedByTheirLoop() {
      logIn();
      assertThat(sessions.count()).isEqualTo(1);
      sessions.closeAll();
      loops.runAll();
      assertThat(connection.isClosed()).isTrue();
      connection.disappears();
      assertThat(sessions.count()).isZero();
    }
  }
}
