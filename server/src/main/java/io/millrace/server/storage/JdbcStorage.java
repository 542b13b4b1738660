package io.millrace.server.storage;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Records and log progress in a database.
 *
 * <p><b>Durability.</b> A batch is one transaction, so it is there as a whole or not at all. When
 * {@link #save(List)} returns, the transaction is on disk, not only with the operating system:
 * SQLite runs in WAL mode with {@code synchronous=FULL}, which syncs the log at each commit.
 * Killing the process, or the power failing, loses no batch whose save had returned; one that was
 * under way is there or not. Each commit waits for the disk, so the way to write fast is to write
 * many rows per batch.
 *
 * <p><b>Order.</b> A row is replaced only by one that is not older by (incarnation, version), and
 * the statement itself compares them. So batches may come late, twice or in the wrong order, and
 * from whichever node believes to own the record. A deleted record stays as a row without data that
 * keeps its incarnation and positions, so that neither a late write nor a replayed log brings it
 * back; a week later it is forgotten, when storage is opened.
 *
 * <p><b>Threads.</b> All methods block, and all may be called by any thread that may block. Writes
 * go one after another through {@link WriterConnection}, which says why. Loads take one of a few
 * connections of their own: in WAL mode they read the last commit and never wait for a write. The
 * driver is native code, so a load that waits for the disk holds on to the carrier of its virtual
 * thread; the number of read connections bounds how many carriers that can be.
 *
 * <p><b>Other writers.</b> People and programs may change the tables meanwhile. What they write is
 * checked when it is loaded; a row that makes no sense is an error of that record alone.
 */
public final class JdbcStorage implements RecordStorage, ProgressStore, AutoCloseable {
  private static final int READ_CONNECTIONS = 4;
  private static final Duration READ_CONNECTION_WAIT = Duration.ofSeconds(10);

  private static final String LOAD_RECORD =
      "SELECT version, data, incarnation, positions FROM records WHERE name = ?";

  private static final String SAVE_RECORD =
      """
      INSERT INTO records (name, version, data, incarnation, positions) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET
        version = excluded.version,
        data = excluded.data,
        incarnation = excluded.incarnation,
        positions = excluded.positions,
        updated_at = CURRENT_TIMESTAMP
      WHERE (records.incarnation, records.version) <= (excluded.incarnation, excluded.version)
      """;

  /** All of them: there are as many rows as partitions, and they are read once per assignment. */
  private static final String LOAD_PROGRESS = "SELECT partition, next_offset FROM log_progress";

  private static final String SAVE_PROGRESS =
      """
      INSERT INTO log_progress (partition, next_offset) VALUES (?, ?)
      ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
      """;

  private final SqliteFile file;
  private final WriterConnection writer;
  private final HikariDataSource readers;

  private JdbcStorage(SqliteFile file, WriterConnection writer, HikariDataSource readers) {
    this.file = file;
    this.writer = writer;
    this.readers = readers;
  }

  /**
   * Opens what {@code config} names and creates it if it is not there.
   *
   * @throws IllegalStateException if it cannot or should not be used: another server has it, it is
   *     damaged, it belongs to another program or to a newer version of this one. The message says
   *     which and what to do. Nothing was written then.
   */
  public static JdbcStorage open(StorageConfig config) {
    return switch (config.type()) {
      case NONE -> throw new IllegalArgumentException("storage of type none cannot be opened");
      case SQLITE -> {
        String path = config.path();
        if (path == null) {
          throw new IllegalStateException("storage.path is missing");
        }
        yield openSqlite(Path.of(path));
      }
    };
  }

  private static JdbcStorage openSqlite(Path path) {
    try {
      SqliteFile file = SqliteFile.claim(path);
      try {
        return open(file);
      } catch (IOException | SQLException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("storage file %s cannot be opened: %s".formatted(path, e), e);
    }
  }

  private static JdbcStorage open(SqliteFile file) throws IOException, SQLException {
    boolean create = file.isEmpty();
    WriterConnection writer = new WriterConnection(file::openWriter);
    try {
      writer.write(
          connection -> {
            if (create) {
              Schema.create(connection, SqlDialect.SQLITE);
            }
            Schema.purgeTombstones(connection, SqlDialect.SQLITE);
          });
      return new JdbcStorage(file, writer, pool(file.readSource()));
    } catch (SQLException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  private static HikariDataSource pool(DataSource source) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("storage-readers");
    config.setDataSource(source);
    config.setReadOnly(true);
    config.setMaximumPoolSize(READ_CONNECTIONS);
    config.setConnectionTimeout(READ_CONNECTION_WAIT.toMillis());
    config.setMaxLifetime(0); // A file does not cut old connections.
    return new HikariDataSource(config);
  }

  @Override
  public Optional<StoredRecord> load(RecordName name) {
    try (Connection connection = readers.getConnection();
        PreparedStatement statement = connection.prepareStatement(LOAD_RECORD)) {
      statement.setString(1, name.value());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(read(name, rows)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new StorageException("cannot load record " + name + ": " + e.getMessage(), e);
    }
  }

  private static StoredRecord read(RecordName name, ResultSet row) throws SQLException {
    long version = row.getLong("version");
    // A record that only deltas of deletion have seen never had a version.
    int lowest = row.getString("data") == null ? -1 : 0;
    if (version < lowest || version > Integer.MAX_VALUE) {
      throw new SQLDataException("its version is out of range");
    }
    String data = row.getString("data");
    if (data != null && Json.parse(data).filter(json -> json.isContainerNode()).isEmpty()) {
      throw new SQLDataException("its data is not a JSON object or array");
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

  @Override
  public void save(List<StoredRecord> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      writer.write(connection -> save(connection, batch));
    } catch (SQLException e) {
      throw new StorageException(
          "cannot save %d records: %s".formatted(batch.size(), e.getMessage()), e);
    }
  }

  private static void save(Connection connection, List<StoredRecord> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SAVE_RECORD)) {
      for (StoredRecord record : batch) {
        JsonText data = record.data();
        statement.setString(1, record.name().value());
        statement.setInt(2, record.version());
        statement.setString(3, data == null ? null : data.text());
        statement.setLong(4, record.incarnation());
        statement.setString(5, LogPositions.text(record.positions()));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  @Override
  public Map<String, Long> load(Collection<String> partitions) {
    Set<String> wanted = Set.copyOf(partitions);
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
    } catch (SQLException e) {
      throw new StorageException("cannot load log progress: " + e.getMessage(), e);
    }
  }

  @Override
  public void save(Map<String, Long> nextOffsets) {
    if (nextOffsets.isEmpty()) {
      return;
    }
    try {
      writer.write(connection -> save(connection, nextOffsets));
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
      file.close();
    } catch (IOException e) {
      throw new StorageException("cannot release the storage file", e);
    }
  }
}
