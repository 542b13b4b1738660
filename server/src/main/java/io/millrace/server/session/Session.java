package io.millrace.server.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.Topic;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.DecodeResult.Refused;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.auth.ConnectionData;
import io.millrace.server.auth.LoginAttempt;
import io.millrace.server.auth.User;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.Handshake;
import io.millrace.server.transport.SharedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, from the socket's opening to its end (protocol §2). Confined to its
 * event loop.
 *
 * <p>Reading stops while a login is being checked, while too many requests are open, and while the
 * client does not read: who does not take answers may not ask (P6).
 */
final class Session implements ConnectionListener, Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final int MAX_OPEN_REQUESTS = 128;

  /** No credentials are longer; before the login a client is to cost little (P6). */
  private static final int MAX_LOGIN_DATA = 64 * 1024;

  /** Far beyond any session, and its nanoseconds are a number. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  /** The login held for a time, and it is over; the client is to log in anew. */
  private static final int LOGIN_EXPIRED = 4401;

  /** How long a client may take to say that it is there. */
  private static final Duration ARRIVAL = Duration.ofSeconds(2);

  /**
   * Some always have a request open. Unlike a call, one that is not answered any more is carried
   * out, and clients know what to do about it.
   */
  private static final Duration REQUESTS_END = Duration.ofSeconds(2);

  /** How many heartbeats a client may leave unread what it was sent. */
  private static final int STALL_LIMIT = 10;

  private final Connection connection;
  private final SessionRules rules;
  private final LoopSessions siblings;
  private final String path;
  private final long openedNs = System.nanoTime();

  /**
   * Messages that arrived with others, while nothing more may be begun; at most one read's worth.
   */
  private final Deque<DecodeResult<ClientMessage>> held = new ArrayDeque<>(0);

  /** Rests of requests that are too long to be begun at once; they come before {@link #held}. */
  private final Deque<Runnable> steps = new ArrayDeque<>(0);

  private SessionState state = SessionState.NEW;
  private long lastInboundNs = openedNs;
  private @Nullable Dispatcher dispatcher;
  private @Nullable User user;
  private boolean authRunning;
  private int holds;
  private int failedLogins;

  /** How long after the opening the login ends. */
  private long lifetimeNs = Long.MAX_VALUE;

  private int openRequests;
  private boolean reading = true;
  private boolean proceeding;

  /** Until when the client may end what it has begun; then it is sent away. */
  private long staysUntilNs;

  private long waitsForRequestsUntilNs;

  private boolean isLeaving;
  private boolean sentAway;

  /** Whether the client has said its last; what is left of that is still carried out. */
  private boolean isEnding;

  private boolean isGone;

  /**
   * @param path of the endpoint that the client has come to
   */
  Session(Connection connection, SessionRules rules, LoopSessions siblings, String path) {
    this.connection = connection;
    this.rules = rules;
    this.siblings = siblings;
    this.path = path;
  }

  @Override
  public void received(DecodeResult<ClientMessage> result) {
    lastInboundNs = System.nanoTime();
    held.add(result);
    proceed();
  }

  /** Goes on as far as it may: first with what was begun, then with what has arrived. */
  private void proceed() {
    if (proceeding) {
      return;
    }
    proceeding = true;
    try {
      while (!isHeld() && !isBusy() && state != SessionState.CLOSED) {
        Runnable step = steps.poll();
        if (step != null) {
          step.run();
          continue;
        }
        DecodeResult<ClientMessage> next = held.poll();
        if (next == null) {
          break;
        }
        handle(next);
      }
    } catch (RuntimeException | Error e) {
      // Nobody knows how far it came, and the client would wait for an answer: it is to come back.
      LOG.error("session {} is closed because of a bug", connection.id(), e);
      closeConnection();
    } finally {
      proceeding = false;
    }
    if (isEnding && !hasMoreToDo()) {
      fallSilent();
    }
    updateReading();
  }

  private void handle(DecodeResult<ClientMessage> result) {
    if (result instanceof Decoded<ClientMessage>(ConnectionRequest.Ping())
        && state != SessionState.CLOSED) {
      // Also before the login, where the reference is silent and idle clients reconnect (§2.3).
      send(new ConnectionReply.Plain(ConnectionAction.PONG));
      return;
    }
    switch (state) {
      case NEW -> handleNew(result);
      case AWAITING_AUTH -> handleAwaitingAuth(result);
      case OPEN -> handleOpen(result);
      case CLOSED -> {}
    }
  }

  private void handleNew(DecodeResult<ClientMessage> result) {
    if (!(result instanceof Decoded<ClientMessage>(ConnectionRequest request))) {
      send(new ConnectionReply.Plain(ConnectionAction.INVALID_MESSAGE));
      return;
    }
    if (request instanceof ConnectionRequest.Challenge) {
      Optional<String> elsewhere = rules.elsewhere().apply(path);
      if (elsewhere.isPresent()) {
        // The client closes, and comes back to this url when the other connection ends (§2.1).
        send(new ConnectionReply.Redirect(elsewhere.get()));
        return;
      }
      send(new ConnectionReply.Plain(ConnectionAction.ACCEPT));
      state = SessionState.AWAITING_AUTH;
    }
  }

  private void handleAwaitingAuth(DecodeResult<ClientMessage> result) {
    switch (result) {
      case Decoded<ClientMessage>(AuthRequest.Login login) -> login(login.data());
      case Decoded<ClientMessage>(AuthRequest.Unexpected unexpected) -> refuseLoginData();
      case Decoded<ClientMessage> other -> send(new AuthReply(AuthAction.INVALID_MESSAGE));
      case Refused<ClientMessage> refused -> {
        if (refused.topic() == Topic.AUTH.number()) {
          refuseLoginData();
        } else {
          send(new AuthReply(AuthAction.INVALID_MESSAGE));
        }
      }
    }
  }

  private void handleOpen(DecodeResult<ClientMessage> result) {
    Dispatcher target = dispatcher;
    if (target == null) {
      return;
    }
    switch (result) {
      case Decoded<ClientMessage> decoded -> target.dispatch(decoded.message());
      case Refused<ClientMessage> refused -> target.refuse(refused);
    }
  }

  // --- login

  private void login(@Nullable JsonText data) {
    if (data == null
        || data.text().length() > MAX_LOGIN_DATA
        || !(Json.parse(data).orElse(null) instanceof ObjectNode authData)) {
      refuseLoginData();
      return;
    }
    authRunning = true;
    updateReading();
    Handshake handshake = connection.handshake();
    Continuation.of(
        rules
            .authenticator()
            .authenticate(
                new LoginAttempt(
                    authData,
                    new ConnectionData.Socket(handshake.remoteAddress(), handshake.headers()))),
        (outcome, failure) -> loop().run(() -> authenticated(outcome)));
  }

  private void authenticated(@Nullable AuthOutcome outcome) {
    authRunning = false;
    if (state != SessionState.AWAITING_AUTH) {
      return;
    }
    switch (outcome) {
      case null -> refuseLogin(null);
      case AuthOutcome.Refused refused -> refuseLogin(refused.clientData());
      case AuthOutcome.Accepted accepted -> {
        state = SessionState.OPEN;
        user = accepted.user();
        lifetimeNs = lifetimeUntil(accepted.expiresAt());
        connection.forgetHandshake();
        Dispatcher opened = rules.dispatchers().apply(this);
        dispatcher = opened;
        // Other nodes are to know the user first: who hears of the login may ask there.
        hold();
        opened.opened(
            () -> {
              send(new AuthReply(AuthAction.AUTH_SUCCESSFUL, accepted.user().clientData()));
              release();
            });
      }
    }
    proceed();
  }

  private long lifetimeUntil(@Nullable Instant expiresAt) {
    if (expiresAt == null) {
      return Long.MAX_VALUE;
    }
    Duration left = Duration.between(Instant.now(), expiresAt);
    return left.compareTo(FOR_EVER) >= 0
        ? Long.MAX_VALUE
        : System.nanoTime() - openedNs + left.toNanos();
  }

  private void refuseLogin(@Nullable JsonText clientData) {
    send(new AuthReply(AuthAction.AUTH_UNSUCCESSFUL, clientData));
    failedLogins++;
    if (failedLogins >= rules.maxAuthAttempts()) {
      send(new AuthReply(AuthAction.TOO_MANY_AUTH_ATTEMPTS));
      closeConnection();
    }
  }

  private void refuseLoginData() {
    send(new AuthReply(AuthAction.INVALID_MESSAGE_DATA));
    closeConnection();
  }

  // --- time

  /** Called about once a second: is the client still there, has it logged in? */
  void check(long nowNs) {
    if (state == SessionState.CLOSED) {
      return;
    }
    long silence = nowNs - lastInboundNs;
    // A client that is not being read cannot be blamed for silence, but for not reading in the end.
    int heartbeats = reading ? 2 : STALL_LIMIT;
    if (silence > heartbeats * rules.heartbeatInterval().toNanos()) {
      closeConnection();
      return;
    }
    if (state == SessionState.OPEN && nowNs - openedNs > lifetimeNs) {
      expire();
      return;
    }
    long timeout = rules.unauthenticatedClientTimeout().toNanos();
    if (timeout > 0 && state != SessionState.OPEN && nowNs - openedNs > timeout) {
      send(new ConnectionReply.Plain(ConnectionAction.AUTHENTICATION_TIMEOUT));
      closeConnection();
    }
  }

  /**
   * The npm client understands no word about its login while it is open: AUTH_UNSUCCESSFUL would be
   * an invalid transition, and TOO_MANY_AUTH_ATTEMPTS another. But it takes a close for a lost
   * connection, comes back at once and logs in with the data it has. With a token that is over this
   * is refused with {@code {error: "TOKEN_EXPIRED"}}, the application hears of it as {@code
   * reauthenticationFailure}, and may call {@code login} with a new token on the same client.
   * Subscriptions are then made again by themselves. Other clients can read code and reason.
   */
  private void expire() {
    fallSilent();
    connection.close(LOGIN_EXPIRED, "TOKEN_EXPIRED");
  }

  /**
   * Has the client reconnect, which the npm client does at once: as soon as it waits for nothing
   * and nobody for it, at the latest after a while. What it had sent before it heard of that is
   * carried out, but cannot be answered any more.
   *
   * @param patience how long it may go on with what it has begun
   * @return false if it is leaving already, or is about to be redirected
   */
  boolean sendAway(Duration patience) {
    long now = System.nanoTime();
    if (isLeaving || state == SessionState.CLOSED || isArriving(now)) {
      return false;
    }
    isLeaving = true;
    staysUntilNs = now + patience.toNanos();
    waitsForRequestsUntilNs = now + REQUESTS_END.toNanos();
    Dispatcher target = dispatcher;
    if (target != null) {
      target.retire();
    }
    leave(now);
    return true;
  }

  boolean isProvider() {
    Dispatcher target = dispatcher;
    return target != null && target.isProvider();
  }

  /** Who is being sent elsewhere has not logged in: a close would cost it one more attempt. */
  private boolean isArriving(long nowNs) {
    return state == SessionState.NEW
        && nowNs - openedNs < ARRIVAL.toNanos()
        && rules.elsewhere().apply(path).isPresent();
  }

  /** Sends a client away that is to leave, if it has ended what it had begun. */
  void leave(long nowNs) {
    if (isLeaving && !sentAway && (isQuiet(nowNs) || nowNs - staysUntilNs >= 0)) {
      sentAway = true;
      connection.closeHearingOut();
    }
  }

  /** Sends the client away, whatever it is doing. */
  void leaveNow() {
    if (!sentAway && state != SessionState.CLOSED) {
      isLeaving = true;
      sentAway = true;
      connection.closeHearingOut();
    }
  }

  /** Whether the client waits for nothing, and nobody for it. */
  private boolean isQuiet(long nowNs) {
    Dispatcher target = dispatcher;
    boolean ended = openRequests == 0 && !hasMoreToDo();
    return (ended || nowNs - waitsForRequestsUntilNs >= 0)
        && (target == null || !target.hasOpenCalls());
  }

  private boolean hasMoreToDo() {
    return isHeld() || !held.isEmpty() || !steps.isEmpty();
  }

  void closeConnection() {
    fallSilent();
    connection.close();
  }

  /**
   * From here on nothing is heard, not even what was held back: another login, say. Others do not
   * wait for the socket's end: calls go to another provider, and the user is gone.
   */
  private void fallSilent() {
    state = SessionState.CLOSED;
    held.clear();
    steps.clear();
    Dispatcher target = dispatcher;
    dispatcher = null;
    if (target != null) {
      target.close();
    }
    if (isGone) {
      siblings.remove(this);
    }
  }

  // --- the connection

  @Override
  public void writabilityChanged() {
    Dispatcher target = dispatcher;
    if (target != null) {
      target.writabilityChanged();
    }
    proceed();
  }

  @Override
  public void closing() {
    end();
  }

  @Override
  public void closed() {
    isGone = true;
    end();
  }

  /**
   * Who was sent away may have sent more before it heard of that than could be begun at once; until
   * all of it is begun the session counts as one of this node's.
   */
  private void end() {
    isEnding = sentAway && state == SessionState.OPEN && hasMoreToDo();
    if (isEnding) {
      proceed();
    } else {
      fallSilent();
    }
  }

  private boolean isHeld() {
    return authRunning || holds > 0;
  }

  private void updateReading() {
    if (state == SessionState.CLOSED) {
      // What still comes is thrown away, so that the socket's end is seen.
      return;
    }
    boolean wanted = !isHeld() && !isBusy() && steps.isEmpty() && held.isEmpty();
    if (wanted != reading) {
      reading = wanted;
      if (wanted) {
        lastInboundNs = System.nanoTime();
      }
      connection.setReading(wanted);
    }
  }

  // --- what features see

  @Override
  public long id() {
    return connection.id();
  }

  @Override
  public EventLoop loop() {
    return connection.loop();
  }

  @Override
  public boolean isWritable() {
    return connection.isWritable();
  }

  @Override
  public void send(ServerMessage message) {
    if (state != SessionState.CLOSED) {
      connection.send(message);
    }
  }

  @Override
  public void send(SharedMessage message) {
    if (state != SessionState.CLOSED) {
      connection.send(message);
    }
  }

  @Override
  public User user() {
    return Objects.requireNonNull(user, "before the login");
  }

  @Override
  public void hold() {
    holds++;
  }

  @Override
  public void release() {
    holds--;
    proceed();
  }

  @Override
  public boolean isBusy() {
    // Who was sent away is sent nothing more.
    return openRequests >= MAX_OPEN_REQUESTS || (!sentAway && !isWritable());
  }

  @Override
  public void whenFree(Runnable step) {
    steps.add(step);
    updateReading();
  }

  @Override
  public void requestStarted() {
    openRequests++;
  }

  @Override
  public void requestEnded() {
    openRequests--;
    // Not at each one: half of them at once costs fewer turns.
    if (!reading && openRequests <= MAX_OPEN_REQUESTS / 2) {
      proceed();
    }
    if (isLeaving && openRequests == 0) {
      // The answer may be sent only after this.
      loop().execute(() -> leave(System.nanoTime()));
    }
  }
}
