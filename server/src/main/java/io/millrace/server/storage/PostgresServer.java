package io.millrace.server.storage;

import com.zaxxer.hikari.HikariConfig;
import io.millrace.server.config.StorageConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL database that all nodes of a cluster share.
 *
 * <p><b>Nothing waits for ever.</b> The server gives up a statement after {@link #STATEMENT}, the
 * wait for a row that another node is writing after {@link #LOCK}, and the transaction of a node
 * that stopped in the middle of it after {@link #IDLE}, so that a hung node does not keep its rows
 * from the one that takes over. Should the server itself hang, the driver gives up a little later.
 */
final class PostgresServer implements Database {
  private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);

  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration STATEMENT = Duration.ofSeconds(20);
  private static final Duration LOCK = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** Longer than {@link #STATEMENT}: the server's own answer says more than silence. */
  private static final Duration WRITE_SILENCE = Duration.ofSeconds(30);

  /** Somebody at a screen waits for a load, and it is one row. */
  private static final Duration READ_SILENCE = Duration.ofSeconds(10);

  private static final int READ_CONNECTIONS = 8;
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Any number that other programs in the database do not use too. */
  private static final long SCHEMA_LOCK = 0x6d696c6c72616365L;

  private static final String MISSING_RIGHTS =
      """
      SELECT string_agg(privilege || ' on ' || tab, ', ')
      FROM unnest(ARRAY['records', 'log_progress']) AS tab,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
      WHERE NOT has_table_privilege(tab, privilege)
      """;

  private final String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final Duration patience;

  PostgresServer(StorageConfig config) {
    String configured = config.url();
    if (configured == null) {
      throw new IllegalStateException("storage.url is missing");
    }
    this.url = configured;
    this.user = config.user();
    this.password = config.password();
    this.patience = config.connectTimeout();
  }

  @Override
  public SqlDialect dialect() {
    return SqlDialect.POSTGRES;
  }

  /** Waits for a server that is not up yet, as when both are started at once; for nothing else. */
  @Override
  public void prepare(WriterConnection writer, Schema schema) {
    long start = System.nanoTime();
    boolean told = false;
    while (true) {
      try {
        writer.write(connection -> prepare(connection, schema));
        return;
      } catch (SQLException e) {
        if (!SqlFailure.isAway(e)) {
          throw refusal(SqlFailure.text(e), e);
        }
        if (System.nanoTime() - start > patience.toNanos()) {
          throw refusal(
              "cannot be reached for %d s (storage.connectTimeout): %s"
                  .formatted(patience.toSeconds(), SqlFailure.text(e)),
              e);
        }
        if (!told) {
          told = true;
          log.info(
              "waiting up to {} s for storage {}: {}",
              patience.toSeconds(),
              place(),
              SqlFailure.text(e));
        }
        pause();
      }
    }
  }

  private void prepare(Connection connection, Schema schema) throws SQLException {
    // Ends with the transaction. Nodes that start at once come one after another, and all but the
    // first find the tables.
    query(connection, "SELECT pg_advisory_xact_lock(" + SCHEMA_LOCK + ")");
    int found = found(connection);
    String refusal = schema.refusalOf(found);
    if (refusal != null) {
      throw refusal(refusal + ", or set another storage.url", null);
    }
    schema.upgrade(connection, found);
    Optional<String> missing = query(connection, MISSING_RIGHTS);
    if (missing.isPresent()) {
      throw refusal("does not allow user " + user + " to " + missing.get(), null);
    }
    if (query(connection, "SHOW fsync").equals(Optional.of("off"))) {
      log.warn(
          "{} runs with fsync = off: a loss of power there loses acknowledged writes", place());
    }
    Schema.purgeTombstones(connection, SqlDialect.POSTGRES);
  }

  private int found(Connection connection) throws SQLException {
    if (query(connection, "SELECT to_regclass('millrace_schema')").isPresent()) {
      return Schema.versionOf(connection);
    }
    Optional<String> foreign =
        query(connection, "SELECT coalesce(to_regclass('records'), to_regclass('log_progress'))");
    if (foreign.isPresent()) {
      throw refusal(
          "has a table " + foreign.get() + " of another program; set another storage.url", null);
    }
    return Schema.NOTHING;
  }

  private static Optional<String> query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
    }
  }

  private IllegalStateException refusal(String reason, @Nullable Throwable cause) {
    return new IllegalStateException("storage %s %s".formatted(place(), reason), cause);
  }

  /** Without parameters, which may hold a password. */
  private String place() {
    return url.replaceFirst("\\?.*", "");
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for storage", e);
    }
  }

  @Override
  public Connection openWriter() throws SQLException {
    Properties properties = properties(WRITE_SILENCE);
    // Rows of a batch go as a few statements of many rows.
    properties.setProperty("reWriteBatchedInserts", "true");
    Connection connection = DriverManager.getConnection(url, properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute(limits());
      // Whatever the database's default is: an acknowledged write is on disk, and on the standby's
      // if there is a synchronous one. remote_apply promises more.
      statement.execute(
          "SELECT set_config('synchronous_commit', 'on', false)"
              + " WHERE current_setting('synchronous_commit') <> 'remote_apply'");
      // At other levels, a row that another node has just written fails the transaction instead of
      // being compared.
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public HikariConfig readers() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setDataSourceProperties(properties(READ_SILENCE));
    config.setConnectionInitSql(limits());
    config.setMaximumPoolSize(READ_CONNECTIONS);
    config.setMinimumIdle(1);
    return config;
  }

  private static String limits() {
    return "SET statement_timeout = %d; SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d"
        .formatted(STATEMENT.toMillis(), LOCK.toMillis(), IDLE.toMillis());
  }

  /** What the URL says goes before these. */
  private Properties properties(Duration silence) {
    Properties properties = new Properties();
    if (user != null) {
      properties.setProperty("user", user);
    }
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("ApplicationName", "millrace");
    properties.setProperty("connectTimeout", Long.toString(CONNECT.toSeconds()));
    properties.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
    properties.setProperty("socketTimeout", Long.toString(silence.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    // Else messages, and with them the log, quote rows and whole statements with their data.
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  @Override
  public void close() {}
}
