package io.millrace.server.storage;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * What a failed statement means, by SQLSTATE. SQLite's driver gives none, so all of its failures
 * are final here.
 */
final class SqlFailure {
  private SqlFailure() {}

  /** Whether the database is not there, or not yet: it may be asked again later. */
  static boolean isAway(SQLException failure) {
    String state = state(failure);
    return state.startsWith("08") // no connection, or it broke
        || state.startsWith("57P") // it shuts down or starts up
        || state.equals("53300") // too many connections
        || state.equals("55P03"); // another node makes the tables ready
  }

  /**
   * Whether the same transaction may well succeed if it is run again at once: the connection had
   * been cut before, or two nodes were in each other's way. Not after a silence: who waited for
   * that has waited enough.
   */
  static boolean isWorthARetry(SQLException failure) {
    if (failure instanceof SQLTransientConnectionException) {
      return false; // the pool has tried for as long as it may
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return false;
      }
    }
    String state = state(failure);
    return state.startsWith("08")
        || state.startsWith("57P")
        || state.startsWith("25P03") // our transaction was ended while we stood still
        || state.startsWith("40");
  }

  /** What the database said, in one line. */
  static String text(SQLException failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    Throwable cause = failure.getCause();
    if (cause != null && cause.getMessage() != null) {
      text.append(": ").append(cause.getMessage());
    }
    return text.toString().replaceAll("\\s+", " ");
  }

  private static String state(SQLException failure) {
    @Nullable String state = failure.getSQLState();
    return state == null ? "" : state;
  }
}
