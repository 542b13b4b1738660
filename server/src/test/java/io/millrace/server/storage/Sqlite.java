package io.millrace.server.storage;

import io.millrace.server.config.StorageConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A SQLite file as tests see it: opened as storage, or from outside as {@code sqlite3} would. */
final class Sqlite {
  private Sqlite() {}

  static JdbcStorage open(Path file) {
    return JdbcStorage.open(config(file));
  }

  static StorageConfig config(Path file) {
    return config(StorageConfig.Type.SQLITE, file.toString());
  }

  static StorageConfig config(StorageConfig.Type type, @Nullable String path) {
    return new StorageConfig(
        type, path, null, null, null, Duration.ofSeconds(30), Duration.ofSeconds(10));
  }

  static Connection connect(Path file) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  static void execute(Path file, String... statements) {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
