package io.millrace.server.storage;

import static io.millrace.server.storage.RecordStorageContract.name;
import static io.millrace.server.storage.RecordStorageContract.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.config.StorageConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files storage opens, which it refuses, and what it leaves of them. */
final class JdbcStorageFileIT {
  private static final int PAGE_SIZE = 4096;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("millrace.db");
  }

  @Test
  void missingFoldersAreCreated() {
    Path deep = folder.resolve("a/b/millrace.db");
    try (JdbcStorage storage = Sqlite.open(deep)) {
      storage.save(List.of(record("a", 1, 1)));
    }
    assertThat(deep).isRegularFile();
  }

  @Test
  void anEmptyFileIsAnEmptyStore() throws Exception {
    Files.createFile(file);
    try (JdbcStorage storage = Sqlite.open(file)) {
      assertThat(storage.load(name("a"))).isEmpty();
    }
  }

  @Test
  void commitsGoToAWriteAheadLogThatCloseFoldsIntoTheFile() {
    Path log = folder.resolve("millrace.db-wal");
    try (JdbcStorage storage = Sqlite.open(file)) {
      storage.save(List.of(record("a", 1, 1)));
      assertThat(log).isNotEmptyFile();
    }
    assertThat(log).doesNotExist();
  }

  /** The loss of power cannot be tested here; the setting that it depends on can. */
  @Test
  void theWriterSyncsEachCommitAndReadersCannotWrite() throws Exception {
    Sqlite.open(file).close();
    try (SqliteFile claimed = SqliteFile.claim(file);
        Connection writer = claimed.openWriter();
        Connection reader = claimed.readSource().getConnection();
        Statement statement = reader.createStatement()) {
      assertThat(query(writer, "PRAGMA journal_mode")).isEqualTo("wal");
      assertThat(query(writer, "PRAGMA synchronous")).as("FULL").isEqualTo("2");
      assertThatThrownBy(() -> statement.execute("DELETE FROM records"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aLoadDoesNotWaitForAWriter() throws Exception {
    try (JdbcStorage storage = Sqlite.open(file);
        Connection writer = Sqlite.connect(file);
        Statement statement = writer.createStatement()) {
      storage.save(List.of(record("a", 1, 1)));
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("DELETE FROM records");
      assertThat(storage.load(name("a"))).contains(record("a", 1, 1));
      statement.execute("ROLLBACK");
    }
  }

  @Test
  void aSaveWaitsForAPersonsTransaction() throws Exception {
    try (JdbcStorage storage = Sqlite.open(file);
        Connection person = Sqlite.connect(file);
        Statement statement = person.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      CompletableFuture<Void> save =
          CompletableFuture.runAsync(() -> storage.save(List.of(record("a", 1, 1))));
      statement.execute("INSERT INTO records (name, version, data) VALUES ('b', 1, '{}')");
      statement.execute("COMMIT");
      save.get(30, TimeUnit.SECONDS);
      assertThat(storage.load(name("a"))).contains(record("a", 1, 1));
      assertThat(storage.load(name("b"))).isPresent();
    }
  }

  @Test
  void aFileInUseIsRefused() throws Exception {
    Path link = folder.resolve("link.db");
    try (JdbcStorage storage = Sqlite.open(file)) {
      assertRefused(file, "in use by another server", "stop that one");
      Files.createSymbolicLink(link, file);
      assertRefused(link, "in use by another server", "stop that one");
      storage.save(List.of(record("a", 1, 1)));
    }
    try (JdbcStorage storage = Sqlite.open(link)) {
      assertThat(storage.load(name("a"))).contains(record("a", 1, 1));
    }
  }

  /** Java frees all locks of a file when any channel of it is closed, such as the refused one's. */
  @Test
  void aRefusalInThisProcessDoesNotLetAnotherProcessIn() throws Exception {
    try (JdbcStorage storage = Sqlite.open(file)) {
      assertRefused(file, "in use");
      try (StorageProcess other = StorageProcess.start(file)) {
        assertThat(other.refusal()).contains("in use by another server");
      }
      storage.save(List.of(record("a", 1, 1)));
    }
  }

  @Test
  void aRefusedOpenDoesNotKeepTheFile() throws Exception {
    Files.writeString(file, "this is a shopping list, and it is long enough to have a header\n");
    assertRefused(file, "cannot be read as a database");
    Files.delete(file);
    Sqlite.open(file).close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "this is a shopping list and nothing that anybody would call a database"})
  void aFileThatIsNoDatabaseIsRefusedAndUntouched(String content) throws Exception {
    Files.writeString(file, content.repeat(100));
    assertRefusedUntouched("cannot be read as a database", "move it away");
  }

  @Test
  void aTruncatedDatabaseIsRefusedAndUntouched() throws Exception {
    createDatabase();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2);
    }
    assertRefusedUntouched("storage file", "put a good copy in its place");
  }

  @Test
  void aDatabaseDamagedInTheMiddleIsRefusedAndUntouched() throws Exception {
    createDatabase();
    overwritePages(Files.size(file) / PAGE_SIZE / 2, 3);
    assertRefusedUntouched("storage file", "put a good copy in its place");
  }

  @Test
  void aNewerSchemaIsRefusedAndUntouched() throws Exception {
    createDatabase();
    Sqlite.execute(file, "UPDATE millrace_schema SET version = 2");
    assertRefusedUntouched("has schema 2, this server knows up to 1", "start a newer server");
  }

  @Test
  void anOlderSchemaIsLedOnAndAnOlderServerThenRefusesIt() {
    try (JdbcStorage storage = Sqlite.open(file)) {
      storage.save(List.of(record("a", 1, 1)));
    }
    Schema next = JdbcStoragePostgresServerIT.newer(SqlDialect.SQLITE);
    try (JdbcStorage storage = JdbcStorage.openSqlite(file, next)) {
      assertThat(storage.load(name("a"))).contains(record("a", 1, 1));
    }
    assertRefused(file, "has schema 2, this server knows up to 1");
    JdbcStorage.openSqlite(file, next).close();
  }

  /** Root may write what nobody may. */
  @Test
  @DisabledIfSystemProperty(named = "user.name", matches = "root")
  void aFileThatMayNotBeWrittenIsRefusedAndUntouched() throws Exception {
    createDatabase();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assertRefusedUntouched("cannot be written by this user", "owner and permissions");
  }

  @Test
  void aDatabaseOfAnotherProgramIsRefusedAndUntouched() throws Exception {
    Sqlite.execute(file, "CREATE TABLE bookmarks (url TEXT)");
    assertRefusedUntouched("is a database of another program", "set another storage.path");
  }

  @Test
  void aFolderIsRefused() {
    assertRefused(folder, "cannot be opened", "folder");
  }

  @Test
  void typeNoneAndAMissingPathAreRefused() {
    StorageConfig none = Sqlite.config(StorageConfig.Type.NONE, null);
    assertThatThrownBy(() -> JdbcStorage.open(none)).isInstanceOf(IllegalArgumentException.class);
    StorageConfig nowhere = Sqlite.config(StorageConfig.Type.SQLITE, null);
    assertThatThrownBy(() -> JdbcStorage.open(nowhere)).hasMessageContaining("storage.path");
  }

  /** Enough records that the file has pages beyond those that are read to open it. */
  private void createDatabase() {
    try (JdbcStorage storage = Sqlite.open(file)) {
      for (int i = 0; i < 20; i++) {
        int round = i;
        storage.save(
            IntStream.range(0, 100)
                .mapToObj(j -> record("record " + round + "/" + j, 1, 1))
                .toList());
      }
    }
  }

  private void overwritePages(long first, int count) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(garbage(count * PAGE_SIZE)), first * PAGE_SIZE);
    }
  }

  private static byte[] garbage(int length) {
    byte[] bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private void assertRefusedUntouched(String... messages) throws IOException {
    byte[] before = Files.readAllBytes(file);
    assertRefused(file, messages);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  private static void assertRefused(Path path, String... messages) {
    assertThatThrownBy(() -> Sqlite.open(path).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(messages);
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
