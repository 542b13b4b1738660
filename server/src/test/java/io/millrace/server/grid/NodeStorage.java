package io.millrace.server.grid;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import java.util.List;
import java.util.Optional;

/** One node's way to a storage that nodes share; its writes are in the hand of the test. */
final class NodeStorage implements RecordStorage {
  private final FakeStorage shared;
  private boolean held;
  private boolean broken;
  private int attempts;

  NodeStorage(FakeStorage shared) {
    this.shared = shared;
  }

  /** From now on writes wait. */
  synchronized void hold() {
    held = true;
  }

  /** From now on writes fail, also those that wait: as if the node were dead. */
  synchronized void breakDown() {
    broken = true;
    held = false;
    notifyAll();
  }

  synchronized void repair() {
    broken = false;
    held = false;
    notifyAll();
  }

  /** Writes that were begun. */
  synchronized int attempts() {
    return attempts;
  }

  @Override
  public Optional<StoredRecord> load(RecordName name) {
    return shared.load(name);
  }

  @Override
  public synchronized void save(List<StoredRecord> batch) {
    attempts++;
    while (held) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StorageException("interrupted", e);
      }
    }
    if (broken) {
      throw new StorageException("broken", null);
    }
    shared.save(batch);
  }

  @Override
  public void close() {}
}
