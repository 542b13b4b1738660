package io.millrace.server.session;

import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.EventLoops;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** All sessions of this node. Thread-safe. */
public final class Sessions {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration BATCH_INTERVAL = Duration.ofMillis(100);

  /**
   * Clients come back at once to where they were, and are sent on from there: as long after the
   * last one has gone somebody opens the door.
   */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** Per event loop; so few do not run anybody over. */
  private static final int SMALLEST_BATCH = 20;

  private final EventLoops loops;
  private final SessionRules rules;
  private final List<LoopSessions> byLoop;
  private volatile boolean closing;

  public Sessions(EventLoops loops, SessionRules rules) {
    this.loops = loops;
    this.rules = rules;
    this.byLoop = loops.all().stream().map(LoopSessions::new).toList();
  }

  /**
   * A session for a new connection; to be called on the connection's loop.
   *
   * @param path of the endpoint that it has come to
   */
  public ConnectionListener open(Connection connection, String path) {
    if (closing) {
      connection.loop().execute(connection::close);
    }
    LoopSessions siblings = byLoop.get(connection.loop().index());
    Session session = new Session(connection, rules, siblings, path);
    siblings.add(session);
    return session;
  }

  /** How many connections there are, about. */
  public int count() {
    return byLoop.stream().mapToInt(LoopSessions::size).sum();
  }

  /**
   * Sends all clients away, some at a time, so that the others are not run over; each when it has
   * ended what it has begun, if there is time for that. Those who come meanwhile are sent
   * elsewhere, or are among the last. Blocks until all have gone, and had the time to ask where to.
   *
   * @param time how long that may take
   * @param elsewhere whether there is another place for them now
   */
  public void sendAway(Duration time, BooleanSupplier elsewhere) {
    if (count() == 0) {
      return;
    }
    long deadline = System.nanoTime() + time.toNanos();
    long patienceUntil = deadline - CLOSE_TIMEOUT.toNanos();
    long steps = Math.max(1, time.minus(CLOSE_TIMEOUT).dividedBy(BATCH_INTERVAL) / 2);
    int batch = Math.max(SMALLEST_BATCH, (int) (count() / steps / loops.count()));
    long empty = System.nanoTime();
    while (System.nanoTime() < deadline) {
      long now = System.nanoTime();
      if (count() > 0) {
        empty = now;
        Duration patience = Duration.ofNanos(Math.max(0, patienceUntil - now));
        for (int i = 0; i < loops.count(); i++) {
          LoopSessions sessions = byLoop.get(i);
          loops.get(i).execute(() -> sessions.sendAway(batch, patience));
        }
      } else if (now - empty >= LINGER.toNanos() || !elsewhere.getAsBoolean()) {
        return;
      }
      LockSupport.parkNanos(BATCH_INTERVAL.toNanos());
    }
  }

  /** Closes all connections, also those that are yet to come, and waits a moment for their end. */
  public void closeAll() {
    closing = true;
    for (int i = 0; i < loops.count(); i++) {
      LoopSessions sessions = byLoop.get(i);
      loops.get(i).execute(sessions::sendAllAway);
    }
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    while (count() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
    }
  }
}
