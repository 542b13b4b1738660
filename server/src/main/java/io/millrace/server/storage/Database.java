package io.millrace.server.storage;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** A database that {@link JdbcStorage} runs on: how it is reached, and when it is refused. */
sealed interface Database extends AutoCloseable permits SqliteFile, PostgresServer {

  SqlDialect dialect();

  /**
   * Makes the tables ready: creates what is not there and brings older ones up to date.
   *
   * @param writer opens its connections here
   * @throws IllegalStateException if the database should not be used; the message is for people,
   *     and nothing was changed
   */
  void prepare(WriterConnection writer, Schema schema) throws IOException, SQLException;

  /** Opens a connection that writes, in transactions; a commit on it survives the loss of power. */
  Connection openWriter() throws SQLException;

  /** Connections that do not write. */
  HikariConfig readers();

  /** Gives up what the database is held by. All connections must be closed before. */
  @Override
  void close() throws IOException;
}
