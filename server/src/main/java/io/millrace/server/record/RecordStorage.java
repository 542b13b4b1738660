package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.Optional;

/**
 * Port: where records survive a restart. Every call blocks, so it is made on a virtual thread or on
 * the storage writer's own thread. Thread-safe.
 */
public interface RecordStorage extends AutoCloseable {

  /**
   * What is stored under the name, also when that says "deleted".
   *
   * @throws StorageException if storage cannot be read now
   */
  Optional<StoredRecord> load(RecordName name);

  /**
   * Writes all of the batch or nothing. When it returns, the batch survives the loss of the process
   * and of power. A row is replaced only by a newer one, by (incarnation, version) and, both being
   * equal, always; so an old state that is written late changes nothing.
   *
   * @throws StorageException if nothing was written, or if it is not known whether it was
   */
  void save(List<StoredRecord> batch);

  @Override
  void close();
}
