package io.millrace.server.storage;

import static io.millrace.server.storage.RecordStorageContract.name;
import static io.millrace.server.storage.RecordStorageContract.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.record.StoredRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P4 for the loss of the process: what save returned for is there after kill -9. */
final class JdbcStorageKillIT {
  private static final int ROUNDS = 10;

  @TempDir Path folder;

  @Test
  void everySavedBatchSurvivesAKilledProcessAndNoBatchIsThereInPart() throws Exception {
    Path file = folder.resolve("millrace.db");
    int saved = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      saved = saveUntilKilled(file, saved + 7 * round);
      try (JdbcStorage storage = Sqlite.open(file)) {
        saved = checked(storage, saved);
      }
    }
  }

  /** Lets another process save at least up to that batch; returns the last that it reported. */
  private static int saveUntilKilled(Path file, int atLeast) throws Exception {
    try (StorageProcess process = StorageProcess.start(file)) {
      int saved;
      do {
        saved = process.nextSaved();
      } while (saved < atLeast);
      assertThatThrownBy(() -> Sqlite.open(file).close()).hasMessageContaining("in use");
      List<Integer> rest = process.kill();
      return rest.isEmpty() ? saved : rest.getLast();
    }
  }

  /** Returns the last batch that is there: the last reported one or the one after it. */
  private static int checked(JdbcStorage storage, int reported) {
    int last = storage.load(name(StorageProcess.IN_EVERY_BATCH)).orElseThrow().version();
    assertThat(last).isBetween(reported, reported + 1);
    for (int batch = 1; batch <= last + 1; batch++) {
      for (int row = 0; row < StorageProcess.ROWS; row++) {
        String name = batch + "/" + row;
        Optional<StoredRecord> expected =
            batch <= last ? Optional.of(record(name, 1, batch)) : Optional.empty();
        assertThat(storage.load(name(name))).isEqualTo(expected);
      }
    }
    long progress = storage.load(List.of("g/t/0")).getOrDefault("g/t/0", 0L);
    assertThat(progress).isBetween((long) reported, (long) last);
    return last;
  }
}
