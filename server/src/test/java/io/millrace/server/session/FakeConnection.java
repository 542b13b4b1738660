package io.millrace.server.session;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.server.transport.Connection;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.Handshake;
import io.millrace.server.transport.ManualEventLoops;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket without a network. After a close it takes nothing more, but may still bring things. */
final class FakeConnection implements Connection {
  private final ManualEventLoops loops;
  private final EventLoop loop;
  private final List<ServerMessage> sent = new ArrayList<>();
  private @Nullable Session session;
  private boolean writable = true;
  private boolean reading = true;
  private boolean closed;
  private boolean hearingOut;
  private @Nullable String closeReason;
  private Handshake handshake = new Handshake("192.0.2.1", Map.of("cookie", "c=1"));

  FakeConnection(ManualEventLoops loops) {
    this.loops = loops;
    this.loop = loops.all().get(0);
  }

  void openOn(Sessions sessions) {
    onLoop(() -> session = (Session) sessions.open(this, "/deepstream"));
  }

  /** A session that no others know. */
  Session openSession(SessionRules rules) {
    Session alone = new Session(this, rules, new LoopSessions(loop), "/deepstream");
    session = alone;
    return alone;
  }

  private void onLoop(Runnable task) {
    loop.execute(task);
    loops.runAll();
  }

  private Session session() {
    return Objects.requireNonNull(session);
  }

  /** Something has come from the client. */
  void receives(DecodeResult<ClientMessage> result) {
    onLoop(() -> session().received(result));
  }

  void check(long nowNs) {
    onLoop(() -> session().check(nowNs));
  }

  /** What was sent since this was last asked. */
  List<ServerMessage> take() {
    List<ServerMessage> all = List.copyOf(sent);
    sent.clear();
    return all;
  }

  void disappears() {
    onLoop(() -> session().closed());
  }

  /** The connection closes the socket, which is not gone yet. */
  void breaksOff() {
    onLoop(
        () -> {
          closed = true;
          session().closing();
        });
  }

  void setWritable(boolean now) {
    onLoop(
        () -> {
          writable = now;
          session().writabilityChanged();
        });
  }

  boolean isReading() {
    return reading;
  }

  /** Code and text, null for none. */
  @Nullable String closeReason() {
    return closeReason;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether it closes, and still brings what the client had sent. */
  boolean isHearingOut() {
    return hearingOut;
  }

  @Override
  public void closeHearingOut() {
    closed = true;
    hearingOut = true;
  }

  @Override
  public long id() {
    return 1;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public Handshake handshake() {
    return handshake;
  }

  @Override
  public void forgetHandshake() {
    handshake = Handshake.FORGOTTEN;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public void send(ServerMessage message) {
    if (!closed) {
      sent.add(message);
    }
  }

  @Override
  public void send(SharedMessage message) {
    send(CountedMessages.read(message));
  }

  @Override
  public void setReading(boolean wanted) {
    reading = wanted;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public void close(int code, String reason) {
    closed = true;
    closeReason = code + " " + reason;
  }
}
