package io.millrace.server.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The tables and their version.
 *
 * <pre>
 * records         one row per record name, also of a deleted one (data is NULL then)
 * log_progress    one row per consumer group, topic and partition
 * millrace_schema one row: which version of these tables this is
 * </pre>
 *
 * <p>People and programs may read and change {@code records}; name, version and data are enough to
 * insert a row.
 */
final class Schema {
  /** The version that this server writes, and the newest that it reads. */
  static final int VERSION = 1;

  static final String VERSION_TABLE = "millrace_schema";

  /**
   * How long a deleted record's incarnation and positions are kept. A delta from before the
   * deletion that is replayed after that brings the record back.
   */
  private static final int TOMBSTONE_DAYS = 7;

  private Schema() {}

  /** The version that the database says it has. */
  static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT version FROM millrace_schema")) {
      if (!rows.next()) {
        throw new SQLException("table millrace_schema is empty");
      }
      return rows.getInt(1);
    }
  }

  /** Creates all tables, in the transaction of the caller. */
  static void create(Connection connection, SqlDialect dialect) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(dialect.createRecords());
      // Holds the deleted records only, so that finding the old ones reads no live one.
      statement.execute("CREATE INDEX records_deleted ON records (updated_at) WHERE data IS NULL");
      statement.execute(dialect.createProgress());
      statement.execute("CREATE TABLE millrace_schema (version INTEGER NOT NULL)");
      statement.execute("INSERT INTO millrace_schema (version) VALUES (" + VERSION + ")");
    }
  }

  /** Forgets records that were deleted long ago, in the transaction of the caller. */
  static void purgeTombstones(Connection connection, SqlDialect dialect) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "DELETE FROM records WHERE data IS NULL AND "
              + dialect.olderThanDays("updated_at", TOMBSTONE_DAYS));
    }
  }
}
