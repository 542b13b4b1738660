package io.millrace.server.storage;

import io.millrace.server.config.StorageConfig;
import io.millrace.testkit.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A PostgreSQL database as tests see it: opened as storage, or from outside as psql would. */
final class Postgres {
  private Postgres() {}

  /** One server for all tests that do not stop it; it ends with the JVM. */
  private static final class Shared {
    static final EmbeddedPostgres SERVER = EmbeddedPostgres.start();
    static final String URL = SERVER.newDatabase();
  }

  static EmbeddedPostgres shared() {
    return Shared.SERVER;
  }

  /**
   * An empty database: the same one for each test, because a hundred of them are thirty thousand
   * files.
   */
  static StorageConfig emptied() {
    StorageConfig config = config(Shared.SERVER, Shared.URL);
    execute(
        config,
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT USAGE ON SCHEMA public TO PUBLIC");
    return config;
  }

  static StorageConfig config(EmbeddedPostgres server, String url) {
    return config(url, server.user(), server.password());
  }

  static StorageConfig config(String url, String user, String password) {
    return new StorageConfig(
        StorageConfig.Type.POSTGRES,
        null,
        url,
        user,
        password,
        Duration.ofSeconds(20),
        Duration.ofSeconds(10));
  }

  static Connection connect(StorageConfig config) throws SQLException {
    return DriverManager.getConnection(config.url(), config.user(), config.password());
  }

  static void execute(StorageConfig config, String... statements) {
    try (Connection connection = connect(config);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first column of the first row, as text. */
  static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  static String query(StorageConfig config, String sql) {
    try (Connection connection = connect(config)) {
      return query(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
