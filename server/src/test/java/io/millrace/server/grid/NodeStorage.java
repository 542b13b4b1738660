package io.millrace.server.grid;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import java.util.List;
import java.util.Optional;

/** One node's way to a storage that nodes share; its writes are in the hand of the test. */
final class NodeStorage extends Holdable implements RecordStorage {
  private final FakeStorage shared;

  NodeStorage(FakeStorage shared) {
    this.shared = shared;
  }

  @Override
  public Optional<StoredRecord> load(RecordName name) {
    return shared.load(name);
  }

  @Override
  public synchronized void save(List<StoredRecord> batch) {
    try {
      if (!begin()) {
        throw new StorageException("broken", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("interrupted", e);
    }
    shared.save(batch);
  }

  @Override
  public void close() {}
}
