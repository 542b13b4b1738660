package io.millrace.server.kafka;

import java.util.Collection;
import java.util.Map;

/**
 * Port: how far each log partition has been applied, kept where the records are kept, so that an
 * empty store starts from the beginning of the log whatever the broker remembers. Keys are {@code
 * group/topic/partition}, values the next offset to read. What is kept may lag behind what is
 * applied, never lead. Calls may block.
 */
public interface ProgressStore {
  Map<String, Long> load(Collection<String> partitions);

  void save(Map<String, Long> nextOffsets);
}
