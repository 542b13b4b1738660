package io.millrace.server.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Records and log progress in a database.
 *
 * <p><b>Durability.</b> A batch is one transaction, so it is there as a whole or not at all. When
 * {@link #save(List)} returns, the transaction is on disk, not only with the operating system:
 * SQLite runs in WAL mode with {@code synchronous=FULL}, which syncs the log at each commit, and
 * PostgreSQL with {@code synchronous_commit}. Killing the process, or the power failing, loses no
 * batch whose save had returned; one that was under way is there or not. Each commit waits for the
 * disk, so the way to write fast is to write many rows per batch.
 *
 * <p><b>Order.</b> A row is replaced only by one that is not older by (incarnation, version), and
 * the statement itself compares them. So batches may come late, twice or in the wrong order, and
 * from whichever node believes to own the record. A deleted record stays as a row without data that
 * keeps its incarnation and positions, so that neither a late write nor a replayed log brings it
 * back; a week later it is forgotten, when storage is opened.
 *
 * <p><b>Threads.</b> All methods block, and all may be called by any thread that may block. Writes
 * go one after another through {@link WriterConnection}, which says why. Loads take one of a few
 * connections of their own: they read the last commit and never wait for a write.
 *
 * <p><b>Failures.</b> What breaks is a {@link StorageException} after a bounded time (for
 * PostgreSQL, see {@link PostgresServer}), and the next call tries again on a new connection.
 *
 * <p><b>Other writers.</b> People and programs may change the tables meanwhile. What they write is
 * checked when it is loaded; a row that makes no sense is an error of that record alone.
 */
public final class JdbcStorage implements RecordStorage, ProgressStore, AutoCloseable {
  private static final Duration READ_CONNECTION_WAIT = Duration.ofSeconds(10);

  /** All of them: there are as many rows as partitions, and they are read once per assignment. */
  private static final String LOAD_PROGRESS = "SELECT partition, next_offset FROM log_progress";

  private static final String SAVE_PROGRESS =
      """
      INSERT INTO log_progress (partition, next_offset) VALUES (?, ?)
      ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
      """;

  /** So that two nodes that write the same rows lock them in the same order, and none deadlocks. */
  private static final Comparator<StoredRecord> BY_NAME = Comparator.comparing(StoredRecord::name);

  private static final Comparator<StoredRecord> BY_AGE =
      Comparator.comparingLong(StoredRecord::incarnation).thenComparingInt(StoredRecord::version);

  private final Database database;
  private final WriterConnection writer;
  private final HikariDataSource readers;

  private JdbcStorage(Database database, WriterConnection writer, HikariDataSource readers) {
    this.database = database;
    this.writer = writer;
    this.readers = readers;
  }

  /**
   * Opens what {@code config} names and creates it if it is not there. Waits for a server that is
   * away, for {@code connectTimeout} at most.
   *
   * @throws IllegalStateException if it cannot or should not be used: another server has it, it is
   *     damaged, it belongs to another program or to a newer version of this one. The message says
   *     which and what to do. Nothing was written then.
   */
  public static JdbcStorage open(StorageConfig config) {
    return switch (config.type()) {
      case NONE -> throw new IllegalArgumentException("storage of type none cannot be opened");
      case SQLITE -> openSqlite(config);
      case POSTGRES -> openPostgres(config, Schema.current(SqlDialect.POSTGRES));
    };
  }

  private static JdbcStorage openSqlite(StorageConfig config) {
    String path = config.path();
    if (path == null) {
      throw new IllegalStateException("storage.path is missing");
    }
    return openSqlite(Path.of(path), Schema.current(SqlDialect.SQLITE));
  }

  static JdbcStorage openSqlite(Path path, Schema schema) {
    try {
      SqliteFile file = SqliteFile.claim(path);
      try {
        return open(file, schema);
      } catch (IOException | SQLException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("storage file %s cannot be opened: %s".formatted(path, e), e);
    }
  }

  static JdbcStorage openPostgres(StorageConfig config, Schema schema) {
    try {
      return open(new PostgresServer(config), schema);
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("storage cannot be opened: " + e.getMessage(), e);
    }
  }

  private static JdbcStorage open(Database database, Schema schema)
      throws IOException, SQLException {
    WriterConnection writer = new WriterConnection(database::openWriter);
    try {
      database.prepare(writer, schema);
      HikariConfig readers = database.readers();
      readers.setPoolName("storage-readers");
      readers.setReadOnly(true);
      readers.setConnectionTimeout(READ_CONNECTION_WAIT.toMillis());
      return new JdbcStorage(database, writer, new HikariDataSource(readers));
    } catch (IOException | SQLException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  @Override
  public Optional<StoredRecord> load(RecordName name) {
    try {
      return twice(() -> read(name));
    } catch (SQLException e) {
      throw new StorageException("cannot load record " + name + ": " + e.getMessage(), e);
    }
  }

  private Optional<StoredRecord> read(RecordName name) throws SQLException {
    try (Connection connection = readers.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(database.dialect().loadRecord())) {
      statement.setString(1, key(name));
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(read(connection, name, rows)) : Optional.empty();
      }
    }
  }

  private StoredRecord read(Connection connection, RecordName name, ResultSet row)
      throws SQLException {
    long version = row.getLong("version");
    String data = data(connection, row);
    // A record that only deltas of deletion have seen never had a version.
    int lowest = data == null ? -1 : 0;
    if (version < lowest || version > Integer.MAX_VALUE) {
      throw new SQLDataException("its version is out of range");
    }
    Map<String, Long> positions =
        LogPositions.parse(row.getString("positions"))
            .orElseThrow(
                () -> new SQLDataException("its positions are not a JSON object of offsets"));
    return new StoredRecord(
        name,
        row.getLong("incarnation"),
        (int) version,
        data == null ? null : new JsonText(data),
        positions);
  }

  private @Nullable String data(Connection connection, ResultSet row) throws SQLException {
    String data = row.getString("data");
    if (data == null) {
      return null;
    }
    Optional<JsonNode> tree = Json.parse(data).filter(JsonNode::isContainerNode);
    if (tree.isEmpty()) {
      throw new SQLDataException("its data is not a JSON object or array");
    }
    return switch (database.dialect()) {
      case SQLITE -> data;
      case POSTGRES -> {
        String exact = row.getString("exact");
        yield exact != null && shows(connection, data, exact)
            ? exact
            // Without the blanks of jsonb, which would count against the limit of a record's size.
            : Json.text(tree.get()).text();
      }
    };
  }

  /** False when somebody has changed the data since the exact text was written. */
  private static boolean shows(Connection connection, String data, String exact)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT ?::jsonb = ?::jsonb")) {
      statement.setString(1, data);
      statement.setString(2, JsonbText.of(exact).shown());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  @Override
  public void save(List<StoredRecord> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<StoredRecord> rows = rows(batch);
    try {
      twice(
          () -> {
            writer.write(connection -> save(connection, rows));
            return rows;
          });
    } catch (SQLException e) {
      throw new StorageException(
          "cannot save %d records: %s".formatted(batch.size(), e.getMessage()), e);
    }
  }

  /** In order, and of each name the newest: one statement may not touch a row twice. */
  private static List<StoredRecord> rows(List<StoredRecord> batch) {
    Map<RecordName, StoredRecord> newest = new HashMap<>();
    for (StoredRecord record : batch) {
      newest.merge(record.name(), record, (a, b) -> BY_AGE.compare(a, b) > 0 ? a : b);
    }
    return newest.values().stream().sorted(BY_NAME).toList();
  }

  private void save(Connection connection, List<StoredRecord> rows) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(database.dialect().saveRecord())) {
      for (StoredRecord record : rows) {
        JsonText data = record.data();
        statement.setString(1, key(record.name()));
        statement.setInt(2, record.version());
        statement.setLong(4, record.incarnation());
        statement.setString(5, LogPositions.text(record.positions()));
        JsonbText text = data == null ? null : JsonbText.of(data.text());
        switch (database.dialect()) {
          case SQLITE -> statement.setString(3, text == null ? null : text.encodable());
          case POSTGRES -> {
            statement.setString(3, text == null ? null : text.shown());
            statement.setString(6, text == null ? null : text.exact());
          }
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /**
   * How a name stands in the table. PostgreSQL's text cannot hold U+0000, which a name may; so that
   * no two names become one, the escape is escaped itself.
   */
  private String key(RecordName name) {
    String value = name.value();
    return switch (database.dialect()) {
      case SQLITE -> value;
      case POSTGRES ->
          value.indexOf('\u0000') < 0 && value.indexOf('\u0001') < 0
              ? value
              : value.replace("\u0001", "\u0001\u0001").replace("\u0000", "\u00010");
    };
  }

  private interface Attempt<T> {
    T run() throws SQLException;
  }

  /** All that is done here may be done twice, so a connection that had been cut is no failure. */
  private static <T> T twice(Attempt<T> attempt) throws SQLException {
    try {
      return attempt.run();
    } catch (SQLException e) {
      if (!SqlFailure.isWorthARetry(e)) {
        throw e;
      }
      return attempt.run();
    }
  }

  @Override
  public Map<String, Long> load(Collection<String> partitions) {
    Set<String> wanted = Set.copyOf(partitions);
    try {
      return twice(() -> readProgress(wanted));
    } catch (SQLException e) {
      throw new StorageException("cannot load log progress: " + e.getMessage(), e);
    }
  }

  private Map<String, Long> readProgress(Set<String> wanted) throws SQLException {
    Map<String, Long> progress = new HashMap<>();
    try (Connection connection = readers.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(LOAD_PROGRESS)) {
      while (rows.next()) {
        String partition = rows.getString("partition");
        if (wanted.contains(partition)) {
          progress.put(partition, rows.getLong("next_offset"));
        }
      }
      return Map.copyOf(progress);
    }
  }

  @Override
  public void save(Map<String, Long> nextOffsets) {
    if (nextOffsets.isEmpty()) {
      return;
    }
    Map<String, Long> inOrder = new TreeMap<>(nextOffsets);
    try {
      twice(
          () -> {
            writer.write(connection -> save(connection, inOrder));
            return inOrder;
          });
    } catch (SQLException e) {
      throw new StorageException("cannot save log progress: " + e.getMessage(), e);
    }
  }

  private static void save(Connection connection, Map<String, Long> nextOffsets)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SAVE_PROGRESS)) {
      for (Map.Entry<String, Long> entry : nextOffsets.entrySet()) {
        statement.setString(1, entry.getKey());
        statement.setLong(2, entry.getValue());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Lets the write under way finish; loads under way fail. May be called again. */
  @Override
  public void close() {
    readers.close();
    writer.close(); // Last, because the last one to leave folds the log into the file.
    try {
      database.close();
    } catch (IOException e) {
      throw new StorageException("cannot release the storage", e);
    }
  }
}
