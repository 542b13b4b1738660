package io.millrace.server.storage;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection that writes, and the lock that hands it to one thread at a time.
 *
 * <p>The lock is held across I/O on purpose: SQLite admits one writer, so whoever did not wait here
 * would wait, or fail, inside the database; and PostgreSQL is given one group of records at a time
 * too, because the next group grows meanwhile and costs less per record. Callers are few: the
 * storage writer and the threads that save log progress, none of them an event loop. Loads never
 * come here.
 *
 * <p>A connection whose transaction failed is closed and the next write opens another one. Rolling
 * back would not do: after a full disk or an I/O error SQLite has already rolled back by itself,
 * the driver's own rollback then fails, and statements that follow on that connection would be
 * committed one by one.
 */
final class WriterConnection implements AutoCloseable {

  /** What one transaction does. */
  @FunctionalInterface
  interface Work {
    void run(Connection connection) throws SQLException;
  }

  /** Opens a connection with auto-commit off. */
  @FunctionalInterface
  interface Opener {
    Connection open() throws SQLException;
  }

  private static final Logger log = LoggerFactory.getLogger(WriterConnection.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Opener opener;

  /** Guarded by {@link #lock}; null after a failure, until the next write. */
  private @Nullable Connection connection;

  /** Guarded by {@link #lock}. */
  private boolean closed;

  WriterConnection(Opener opener) {
    this.opener = opener;
  }

  /**
   * Runs {@code work} in a transaction and commits it.
   *
   * @throws SQLException if nothing was committed or, when the commit itself failed, if it is not
   *     known whether it was
   */
  void write(Work work) throws SQLException {
    lock.lock();
    try {
      if (closed) {
        throw new SQLException("storage is closed");
      }
      if (connection == null) {
        connection = opener.open();
      }
      Connection current = connection;
      boolean committed = false;
      try {
        work.run(current);
        current.commit();
        committed = true;
      } finally {
        if (!committed) {
          connection = null;
          closeQuietly(current);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the transaction under way, then closes; writes that come later are refused. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (connection != null) {
        closeQuietly(connection);
        connection = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** What there was to lose is committed or given up: a failing close changes nothing. */
  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("closing a storage connection failed", e);
    }
  }
}
