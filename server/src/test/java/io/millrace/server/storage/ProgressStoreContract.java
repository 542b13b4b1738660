package io.millrace.server.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.kafka.ProgressStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link ProgressStore} in a database does. */
interface ProgressStoreContract {

  /** The store under test, empty at the start of a test. */
  ProgressStore progress();

  /** Closes the store and opens it on the same data. */
  ProgressStore reopenProgress();

  @Test
  default void anEmptyStoreKnowsNoProgress() {
    assertThat(progress().load(List.of("g/seats/0"))).isEmpty();
  }

  @Test
  default void progressIsLoadedForThePartitionsAskedFor() {
    progress().save(Map.of("g/seats/0", 5L, "g/seats/1", 1L << 40, "other/seats/0", 9L));
    assertThat(progress().load(List.of("g/seats/0", "g/seats/1", "g/seats/2")))
        .isEqualTo(Map.of("g/seats/0", 5L, "g/seats/1", 1L << 40));
  }

  @Test
  default void theLastProgressSavedCountsAlsoAfterReopening() {
    progress().save(Map.of("g/seats/0", 5L, "g/seats/1", 6L));
    progress().save(Map.of("g/seats/0", 8L));
    assertThat(reopenProgress().load(List.of("g/seats/0", "g/seats/1")))
        .isEqualTo(Map.of("g/seats/0", 8L, "g/seats/1", 6L));
  }

  /** A topic that was created anew begins at 0 again. */
  @Test
  default void progressMayGoBack() {
    progress().save(Map.of("g/seats/0", 5L));
    progress().save(Map.of("g/seats/0", 0L));
    assertThat(progress().load(List.of("g/seats/0"))).isEqualTo(Map.of("g/seats/0", 0L));
  }

  @Test
  default void noProgressIsNothingToSave() {
    progress().save(Map.of());
    assertThat(progress().load(List.of())).isEmpty();
  }
}
