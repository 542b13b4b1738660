package io.millrace.server.grid;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Storage in memory that can be held up and broken. Thread-safe. */
final class FakeStorage implements RecordStorage {
  private final Map<RecordName, StoredRecord> stored = new HashMap<>();
  private final List<List<StoredRecord>> saves = new ArrayList<>();
  private int loads;
  private int waiting;
  private boolean held;
  private @Nullable RuntimeException failure;

  /** From now on calls wait. */
  synchronized void hold() {
    held = true;
  }

  synchronized void release() {
    held = false;
    notifyAll();
  }

  /** From now on calls fail, null for no more. */
  synchronized void failWith(@Nullable RuntimeException cause) {
    failure = cause;
  }

  synchronized void put(StoredRecord record) {
    stored.put(record.name(), record);
  }

  synchronized @Nullable StoredRecord get(RecordName name) {
    return stored.get(name);
  }

  synchronized int loads() {
    return loads;
  }

  /** Calls that wait, or have waited. */
  synchronized int waiting() {
    return waiting;
  }

  synchronized List<List<StoredRecord>> saves() {
    return List.copyOf(saves);
  }

  @Override
  public synchronized Optional<StoredRecord> load(RecordName name) {
    loads++;
    await();
    return Optional.ofNullable(stored.get(name));
  }

  @Override
  public synchronized void save(List<StoredRecord> batch) {
    await();
    saves.add(List.copyOf(batch));
    for (StoredRecord record : batch) {
      stored.merge(record.name(), record, FakeStorage::newer);
    }
  }

  private static StoredRecord newer(StoredRecord old, StoredRecord young) {
    boolean isOlder =
        young.incarnation() < old.incarnation()
            || (young.incarnation() == old.incarnation() && young.version() < old.version());
    return isOlder ? old : young;
  }

  private void await() {
    if (held) {
      waiting++;
    }
    while (held) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {}
}
