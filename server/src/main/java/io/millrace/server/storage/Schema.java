package io.millrace.server.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

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
 *
 * @param steps the statements that lead from each version to the next; the first one, from nothing.
 *     What was released is never changed, only followed by another step.
 */
record Schema(List<List<String>> steps) {
  static final String VERSION_TABLE = "millrace_schema";

  /** In a database without our tables. */
  static final int NOTHING = 0;

  Schema {
    steps = List.copyOf(steps);
  }

  static Schema current(SqlDialect dialect) {
    return new Schema(
        List.of(
            List.of(
                dialect.createRecords(),
                // Holds the deleted records only, so that finding the old ones reads no live one.
                "CREATE INDEX records_deleted ON records (updated_at) WHERE data IS NULL",
                dialect.createProgress(),
                "CREATE TABLE millrace_schema (version INTEGER NOT NULL)",
                "INSERT INTO millrace_schema (version) VALUES (1)")));
  }

  /** The version that this server writes, and the newest that it reads. */
  int version() {
    return steps.size();
  }

  /** The version that the database says it has. */
  static int versionOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT version FROM millrace_schema")) {
      if (!rows.next()) {
        throw new SQLException("table millrace_schema is empty");
      }
      return rows.getInt(1);
    }
  }

  /** Why a database of version {@code found} must not be touched, or null. */
  @org.jspecify.annotations.Nullable
  String refusalOf(int found) {
    if (found > version()) {
      return "has schema %d, this server knows up to %d: start a newer server on it"
          .formatted(found, version());
    }
    return found < NOTHING ? "has schema " + found + ", which no server has written" : null;
  }

  /** Leads from one version to the present one, in the transaction of the caller. */
  void upgrade(Connection connection, int from) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (List<String> step : steps.subList(from, steps.size())) {
        for (String sql : step) {
          statement.execute(sql);
        }
      }
      if (from < version()) {
        statement.executeUpdate("UPDATE millrace_schema SET version = " + version());
      }
    }
  }

  /** Forgets records that were deleted long ago, in the transaction of the caller. */
  static void purgeTombstones(Connection connection, SqlDialect dialect) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(dialect.purgeTombstones());
    }
  }
}
