package io.millrace.server.storage;

/** What differs between databases; all other SQL here is common to SQLite and PostgreSQL. */
enum SqlDialect {
  /**
   * STRICT, because otherwise SQLite takes any type in any column, and a slip of the hand in a
   * version is found out only when that record is loaded.
   */
  SQLITE(
      """
      CREATE TABLE records (
        name        TEXT    NOT NULL PRIMARY KEY,
        version     INTEGER NOT NULL,
        data        TEXT,
        incarnation INTEGER NOT NULL DEFAULT 0,
        positions   TEXT    NOT NULL DEFAULT '{}',
        updated_at  TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP
      ) STRICT
      """,
      """
      CREATE TABLE log_progress (
        partition   TEXT    NOT NULL PRIMARY KEY,
        next_offset INTEGER NOT NULL
      ) STRICT
      """) {
    @Override
    String olderThanDays(String column, int days) {
      // datetime() makes one form of all the ways to write a time, and NULL, which is not older, of
      // what is none.
      return "datetime(" + column + ") < datetime('now', '-" + days + " days')";
    }
  };

  private final String createRecords;
  private final String createProgress;

  SqlDialect(String createRecords, String createProgress) {
    this.createRecords = createRecords;
    this.createProgress = createProgress;
  }

  String createRecords() {
    return createRecords;
  }

  String createProgress() {
    return createProgress;
  }

  /** A condition: the timestamp in {@code column} lies more than {@code days} days back. */
  abstract String olderThanDays(String column, int days);
}
