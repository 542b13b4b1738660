package io.millrace.server.storage;

import static io.millrace.server.storage.RecordStorageContract.name;
import static io.millrace.server.storage.RecordStorageContract.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.StorageConfig;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.testkit.EmbeddedPostgres;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** P4 for the loss of the database's server: what save returned for is there after kill -9. */
@Timeout(300)
final class JdbcStoragePostgresKillIT {
  private static final int ROUNDS = 4;
  private static final int ROWS = 5;

  @Test
  void everySavedBatchSurvivesAKilledServerAndNoBatchIsThereInPart() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
      StorageConfig config = Postgres.config(server, server.newDatabase());
      try (JdbcStorage storage = JdbcStorage.open(config)) {
        AtomicInteger saved = new AtomicInteger();
        AtomicBoolean saving = new AtomicBoolean(true);
        CompletableFuture<Void> writer =
            CompletableFuture.runAsync(() -> saveAll(storage, saved, saving));
        for (int round = 1; round <= ROUNDS; round++) {
          awaitMore(saved, 20);
          server.kill();
          server.startAgain();
        }
        awaitMore(saved, 20);
        saving.set(false);
        writer.get(60, TimeUnit.SECONDS);
        for (int batch = 1; batch <= saved.get(); batch++) {
          for (int row = 0; row < ROWS; row++) {
            assertThat(storage.load(name(batch + "/" + row)))
                .isEqualTo(Optional.of(record(batch + "/" + row, 1, batch)));
          }
        }
        assertThat(storage.load(name("every"))).contains(record("every", 1, saved.get()));
      }
    }
  }

  private static void awaitMore(AtomicInteger saved, int batches) {
    int before = saved.get();
    Awaitility.await().until(() -> saved.get() >= before + batches);
  }

  /** As the storage writer does: a batch is saved again until save returns, then the next one. */
  private static void saveAll(JdbcStorage storage, AtomicInteger saved, AtomicBoolean saving) {
    while (saving.get()) {
      int batch = saved.get() + 1;
      List<StoredRecord> rows =
          IntStream.rangeClosed(0, ROWS)
              .mapToObj(row -> record(row == ROWS ? "every" : batch + "/" + row, 1, batch))
              .toList();
      try {
        storage.save(rows);
        saved.set(batch);
      } catch (StorageException e) {
        assertThat(e).hasMessageContaining("cannot save");
      }
    }
  }
}
