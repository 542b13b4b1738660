package io.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

final class EmbeddedPostgresIT {

  @Test
  void whatWasCommittedOutlivesAStopAndAKillOnTheSamePort() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
      String url = postgres.newDatabase();
      execute(postgres, url, "CREATE TABLE t (n INT)");
      execute(postgres, url, "INSERT INTO t VALUES (1)");
      postgres.kill();
      assertThatThrownBy(() -> connect(postgres, url)).isInstanceOf(SQLException.class);
      postgres.startAgain();
      execute(postgres, url, "INSERT INTO t VALUES (2)");
      postgres.stop();
      assertThatThrownBy(() -> connect(postgres, url)).isInstanceOf(SQLException.class);
      postgres.startAgain();
      try (Connection connection = connect(postgres, url);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT sum(n) FROM t")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(3);
      }
    }
  }

  @Test
  void aFrozenServerDoesNotAnswerUntilItIsThawed() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
      postgres.freeze();
      assertThatThrownBy(() -> connect(postgres, postgres.url() + "?loginTimeout=1"))
          .isInstanceOf(SQLException.class);
      postgres.thaw();
      connect(postgres, postgres.url()).close();
    }
  }

  private static void execute(EmbeddedPostgres postgres, String url, String sql)
      throws SQLException {
    try (Connection connection = connect(postgres, url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect(EmbeddedPostgres postgres, String url) throws SQLException {
    return DriverManager.getConnection(url, postgres.user(), postgres.password());
  }
}
