package io.millrace.server.storage;

import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.record.RecordStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The storage contracts, kept by SQLite. */
final class JdbcStorageSqliteIT extends RecordStorageContract implements ProgressStoreContract {
  private final Path file;
  private JdbcStorage storage;

  JdbcStorageSqliteIT(@TempDir Path folder) {
    file = folder.resolve("millrace.db");
    storage = Sqlite.open(file);
  }

  @AfterEach
  void close() {
    storage.close();
  }

  @Override
  RecordStorage storage() {
    return storage;
  }

  @Override
  public ProgressStore progress() {
    return storage;
  }

  @Override
  RecordStorage reopen() {
    storage.close();
    storage = Sqlite.open(file);
    return storage;
  }

  @Override
  public ProgressStore reopenProgress() {
    reopen();
    return storage;
  }

  @Override
  void byHand(String sql) {
    Sqlite.execute(file, sql);
  }

  /** SQLite would take them even as JSON. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "data = 'free'",
        "data = ''",
        "data = '{}{}'",
        "data = '{\"a\":'",
        "positions = ''",
        "version = 2147483648"
      })
  void aValueOfTheWrongKindIsAnErrorOfThatRecordAlone(String change) {
    checkRowThatMakesNoSense(change);
  }

  @Override
  void refuseRowsNamed(String name) {
    Sqlite.execute(
        file,
        "CREATE TRIGGER refuse BEFORE INSERT ON records WHEN new.name = '%s' BEGIN SELECT RAISE(ABORT, 'refused'); END"
            .formatted(name));
  }
}
