package io.millrace.server.session;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sessions of one event loop, confined to it. One timer looks after all of them, instead of one
 * or two for each.
 */
final class LoopSessions {
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

  private final EventLoop loop;
  private final Set<Session> sessions = new LinkedHashSet<>();
  private volatile int size;

  LoopSessions(EventLoop loop) {
    this.loop = loop;
    loop.schedule(CHECK_INTERVAL, this::check);
  }

  void add(Session session) {
    sessions.add(session);
    size = sessions.size();
  }

  void remove(Session session) {
    sessions.remove(session);
    size = sessions.size();
  }

  /** From any thread. */
  int size() {
    return size;
  }

  /**
   * Tells some to leave who have not been told yet, all who provide procedures first, then the
   * longest here; those who were and have ended what they had begun go.
   */
  void sendAway(int batch, Duration patience) {
    int left = batch;
    long now = System.nanoTime();
    for (Session session : all()) {
      // Other nodes do not ask them any more, so the sooner they are elsewhere the better.
      if (session.isProvider()) {
        session.sendAway(patience);
      }
    }
    for (Session session : all()) {
      if (left > 0 && session.sendAway(patience)) {
        left--;
      } else {
        session.leave(now);
      }
    }
  }

  /** Sends all away at once, whatever they are doing. */
  void sendAllAway() {
    all().forEach(Session::leaveNow);
  }

  /** A copy: closing a session takes it out of the set. */
  List<Session> all() {
    return List.copyOf(sessions);
  }

  private void check() {
    // First: whatever goes wrong with one session, the others will be checked again.
    loop.schedule(CHECK_INTERVAL, this::check);
    long now = System.nanoTime();
    all().forEach(session -> session.check(now));
  }
}
