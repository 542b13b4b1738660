package io.millrace.server.storage;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * A SQLite database file that this process has claimed for itself.
 *
 * <p>SQLite itself lets several processes write one file, which is what people with {@code sqlite3}
 * want. Two servers on one file would each hold another truth in memory, so a server claims it: by
 * a lock on {@code FILE.lock}, which the operating system frees when the process dies however that
 * happens. The lock file stays behind, because removing it could remove the claim of the next one.
 *
 * <p>Java's file locks are the process's, and closing <em>any</em> channel of a locked file frees
 * them all. So a second claim within this JVM must not even open the lock file: {@link #CLAIMED}
 * stops it before. For the same reason nothing here opens the database file but SQLite.
 */
final class SqliteFile implements Database {
  private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

  /** How long to wait for a person's transaction in {@code sqlite3}. */
  private static final int BUSY_TIMEOUT_MS = 5_000;

  /** To what size the write-ahead log is cut back after a burst made it longer. */
  private static final int MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024;

  private static final int READ_CONNECTIONS = 4;

  private final Path path;
  private final FileChannel lockFile;

  private SqliteFile(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Claims the file, which need not exist yet; its folders are created.
   *
   * @throws IllegalStateException if a server uses the file; the message is for people
   */
  static SqliteFile claim(Path configured) throws IOException {
    Path path = realPath(configured);
    if (!CLAIMED.add(path)) {
      throw inUse(path);
    }
    try {
      return new SqliteFile(path, lock(path));
    } catch (IOException | RuntimeException e) {
      CLAIMED.remove(path);
      throw e;
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolveSibling(path.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(path);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static IllegalStateException inUse(Path path) {
    return new IllegalStateException(
        "storage file %s is in use by another server; stop that one or set another storage.path"
            .formatted(path));
  }

  /** One name per file, whatever links lead to it. */
  private static Path realPath(Path configured) throws IOException {
    Path path = configured.toAbsolutePath().normalize();
    Path folder = path.getParent();
    if (folder == null || Files.isDirectory(path)) {
      throw new IOException("it is a folder");
    }
    createFolder(folder);
    return Files.exists(path) ? path.toRealPath() : folder.toRealPath().resolve(path.getFileName());
  }

  /** SQLite syncs the folder that its files are in; that this folder is found again is on us. */
  private static void createFolder(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent == null || Files.isDirectory(folder)) {
      return;
    }
    createFolder(parent);
    Files.createDirectories(folder);
    try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public SqlDialect dialect() {
    return SqlDialect.SQLITE;
  }

  @Override
  public void prepare(WriterConnection writer, Schema schema) throws IOException, SQLException {
    int found = found(schema);
    requireWritable();
    writer.write(
        connection -> {
          schema.upgrade(connection, found);
          Schema.purgeTombstones(connection, SqlDialect.SQLITE);
        });
  }

  /** SQLite would open it all the same, and fail at the first write. */
  private void requireWritable() {
    for (Path each : List.of(path, path.resolveSibling(path.getFileName() + "-wal"))) {
      if (Files.exists(each) && !Files.isWritable(each)) {
        throw new IllegalStateException(
            "storage file %s cannot be written by this user; see to its owner and permissions, or set another storage.path"
                .formatted(each));
      }
    }
  }

  /** Reads the file through and tells which version of the tables is in it. Writes nothing. */
  private int found(Schema schema) throws IOException {
    // Opening a missing file read-only fails, and one of no bytes is an empty database to SQLite.
    if (!Files.exists(path) || Files.size(path) == 0) {
      return Schema.NOTHING;
    }
    try (Connection connection = readSource().getConnection();
        Statement statement = connection.createStatement()) {
      requireIntact(statement);
      if (!hasTable(statement, "name NOT LIKE 'sqlite~_%' ESCAPE '~'")) {
        return Schema.NOTHING;
      }
      if (!hasTable(statement, "name = '" + Schema.VERSION_TABLE + "'")) {
        throw refusal("is a database of another program", null);
      }
      int found = Schema.versionOf(connection);
      String reason = schema.refusalOf(found);
      if (reason != null) {
        throw new IllegalStateException(
            "storage file %s %s, or set another storage.path".formatted(path, reason));
      }
      return found;
    } catch (SQLException e) {
      throw refusal("cannot be read as a database: " + e.getMessage(), e);
    }
  }

  private void requireIntact(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
      String result = rows.next() ? rows.getString(1) : "no answer";
      if (!result.equals("ok")) {
        throw refusal("is damaged: " + result, null);
      }
    }
  }

  private static boolean hasTable(Statement statement, String condition) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND " + condition)) {
      return rows.next();
    }
  }

  private IllegalStateException refusal(String reason, @Nullable Throwable cause) {
    return new IllegalStateException(
        "storage file %s %s. Nothing in it was changed: put a good copy in its place, move it away to begin empty, or set another storage.path"
            .formatted(path, reason),
        cause);
  }

  @Override
  public Connection openWriter() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setJournalSizeLimit(MAX_IDLE_WAL_BYTES);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    // The driver begins the next transaction right after each commit. DEFERRED takes the write lock
    // only with the first statement; IMMEDIATE would keep it from everybody else for ever.
    config.setTransactionMode(SQLiteConfig.TransactionMode.DEFERRED);
    config.setGetGeneratedKeys(false);
    Connection connection = config.createConnection(url());
    try (Statement statement = connection.createStatement()) {
      // Only macOS heeds it: there an ordinary sync stops at the drive's cache.
      statement.execute("PRAGMA fullfsync = ON");
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * The driver is native code, so a load that waits for the disk holds on to the carrier of its
   * virtual thread; the number of connections bounds how many carriers that can be.
   */
  @Override
  public HikariConfig readers() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(readSource());
    config.setMaximumPoolSize(READ_CONNECTIONS);
    config.setMaxLifetime(0); // A file does not cut old connections.
    return config;
  }

  /** Connections that cannot write. */
  DataSource readSource() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    config.setReadOnly(true);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl(url());
    return source;
  }

  private String url() {
    return "jdbc:sqlite:" + path;
  }

  @Override
  public void close() throws IOException {
    try {
      lockFile.close();
    } finally {
      CLAIMED.remove(path);
    }
  }
}
