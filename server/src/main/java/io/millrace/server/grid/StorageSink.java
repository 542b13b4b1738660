package io.millrace.server.grid;

import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StoredRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Saves groups in one transaction each, and one by one what cannot be saved together. */
final class StorageSink implements StateSink {
  private static final Logger LOG = LoggerFactory.getLogger(StorageSink.class);

  /** So many states in a row that cannot be saved one by one, and it is storage that fails. */
  private static final int OUTAGE = 3;

  private final RecordStorage storage;

  StorageSink(RecordStorage storage) {
    this.storage = storage;
  }

  @Override
  public Saved save(List<StoredRecord> states, boolean isIncomplete) {
    try {
      storage.save(states);
      return Saved.ALL;
    } catch (RuntimeException e) {
      return new Saved(states.size() == 1 ? names(states) : saveOneByOne(states), e);
    }
  }

  /** One state that cannot be saved must not keep the others from it. */
  private Set<String> saveOneByOne(List<StoredRecord> states) {
    Set<String> notSaved = names(states);
    int failedInARow = 0;
    for (StoredRecord state : states) {
      try {
        storage.save(List.of(state));
        notSaved.remove(state.name().value());
        failedInARow = 0;
      } catch (RuntimeException e) {
        failedInARow++;
        if (failedInARow == OUTAGE) {
          break;
        }
        LOG.debug("record {} cannot be stored: {}", state.name(), e.toString());
      }
    }
    return notSaved;
  }

  private static Set<String> names(List<StoredRecord> states) {
    Set<String> names = new HashSet<>();
    for (StoredRecord state : states) {
      names.add(state.name().value());
    }
    return names;
  }
}
