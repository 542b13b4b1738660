package io.millrace.server.session;

import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.EventLoops;
import java.util.List;

/** All sessions of this node. Thread-safe. */
public final class Sessions {
  private final EventLoops loops;
  private final SessionRules rules;
  private final List<LoopSessions> byLoop;

  public Sessions(EventLoops loops, SessionRules rules) {
    this.loops = loops;
    this.rules = rules;
    this.byLoop = loops.all().stream().map(LoopSessions::new).toList();
  }

  /** A session for a new connection; to be called on the connection's loop. */
  public ConnectionListener open(Connection connection) {
    LoopSessions siblings = byLoop.get(connection.loop().index());
    Session session = new Session(connection, rules, siblings);
    siblings.add(session);
    return session;
  }

  /** How many connections there are, about. */
  public int count() {
    return byLoop.stream().mapToInt(LoopSessions::size).sum();
  }

  /** Closes all connections; they are gone a moment later. */
  public void closeAll() {
    for (int i = 0; i < loops.count(); i++) {
      LoopSessions sessions = byLoop.get(i);
      loops.get(i).execute(() -> sessions.all().forEach(Session::closeConnection));
    }
  }
}
