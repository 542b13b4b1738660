package io.millrace.server.storage;

/** The SQL that differs between databases. */
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
      """,
      "SELECT version, data, incarnation, positions FROM records WHERE name = ?",
      """
      INSERT INTO records (name, version, data, incarnation, positions) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET
        version = excluded.version,
        data = excluded.data,
        incarnation = excluded.incarnation,
        positions = excluded.positions,
        updated_at = CURRENT_TIMESTAMP
      WHERE (records.incarnation, records.version) <= (excluded.incarnation, excluded.version)
      """,
      // datetime() makes one form of all the ways to write a time, and NULL, which is not older, of
      // what is none.
      """
      DELETE FROM records
      WHERE data IS NULL AND datetime(updated_at) < datetime('now', '-%d days')
      """),

  /**
   * Names compare by their bytes, as everywhere here, whatever the database's collation. Data is
   * {@code jsonb} so that people can use its operators; {@link JsonbText} says what {@code exact}
   * is for.
   */
  POSTGRES(
      """
      CREATE TABLE records (
        name        TEXT        COLLATE "C" NOT NULL PRIMARY KEY,
        version     INTEGER     NOT NULL,
        data        JSONB,
        incarnation BIGINT      NOT NULL DEFAULT 0,
        positions   JSONB       NOT NULL DEFAULT '{}',
        updated_at  TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
        exact       TEXT
      )
      """,
      """
      CREATE TABLE log_progress (
        partition   TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
        next_offset BIGINT NOT NULL
      )
      """,
      """
      SELECT version, data::text AS data, incarnation, positions::text AS positions, exact
      FROM records WHERE name = ?
      """,
      """
      INSERT INTO records (name, version, data, incarnation, positions, exact)
      VALUES (?, ?, ?::jsonb, ?, ?::jsonb, ?)
      ON CONFLICT (name) DO UPDATE SET
        version = excluded.version,
        data = excluded.data,
        incarnation = excluded.incarnation,
        positions = excluded.positions,
        exact = excluded.exact,
        updated_at = CURRENT_TIMESTAMP
      WHERE (records.incarnation, records.version) <= (excluded.incarnation, excluded.version)
      """,
      // Rows that another node is writing are left alone: waiting for them out of order could
      // deadlock.
      """
      DELETE FROM records WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM records
        WHERE data IS NULL AND updated_at < CURRENT_TIMESTAMP - INTERVAL '%d days'
        FOR UPDATE SKIP LOCKED))
      """);

  /**
   * How long a deleted record's incarnation and positions are kept. A delta from before the
   * deletion that is replayed after that brings the record back.
   */
  private static final int TOMBSTONE_DAYS = 7;

  private final String createRecords;
  private final String createProgress;
  private final String loadRecord;
  private final String saveRecord;
  private final String purgeTombstones;

  SqlDialect(
      String createRecords,
      String createProgress,
      String loadRecord,
      String saveRecord,
      String purgeTombstones) {
    this.createRecords = createRecords;
    this.createProgress = createProgress;
    this.loadRecord = loadRecord;
    this.saveRecord = saveRecord;
    this.purgeTombstones = purgeTombstones;
  }

  String createRecords() {
    return createRecords;
  }

  String createProgress() {
    return createProgress;
  }

  /** One row of version, data, incarnation and positions; with exact in PostgreSQL. */
  String loadRecord() {
    return loadRecord;
  }

  /** Takes name, version, data, incarnation and positions; then exact in PostgreSQL. */
  String saveRecord() {
    return saveRecord;
  }

  String purgeTombstones() {
    return purgeTombstones.formatted(TOMBSTONE_DAYS);
  }
}
