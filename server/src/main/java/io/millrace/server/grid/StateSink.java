package io.millrace.server.grid;

import io.millrace.server.record.StoredRecord;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link WriteBehind} puts the states of records: storage, or a changelog. Called by the
 * writer's thread alone, and may block.
 */
interface StateSink {

  /**
   * What came of a group.
   *
   * @param failed names of the records whose states are to be tried again
   * @param cause why the first of them failed, null if all are saved
   */
  record Saved(Set<String> failed, @Nullable RuntimeException cause) {
    static final Saved ALL = new Saved(Set.of(), null);

    public Saved {
      failed = Set.copyOf(failed);
    }
  }

  /**
   * Saves as many as can be; the names differ. Does not throw because of what may pass.
   *
   * @param isIncomplete whether changes have been {@linkplain #forgotten forgotten} that were not
   *     found again yet
   */
  Saved save(List<StoredRecord> states, boolean isIncomplete);

  /** The record's owner is another node now, and so is who saves it. */
  default void handedOver(String name) {}

  /** So many records wait that this one is forgotten, to be looked for later. Any thread. */
  default void forgotten(String name) {}
}
