package io.millrace.server.config;

import java.util.List;

/**
 * Limits and special names of records.
 *
 * @param maxSize largest JSON text of one record
 * @param hotPathPrefixes names whose whole updates bypass versions (protocol §3.8)
 * @param storageExclusionPrefixes names that are never read from or written to storage
 * @param evictionThreshold from so many percent of the heap on, idle records that are stored are
 *     taken out of the grid; 0 for never
 */
public record RecordConfig(
    DataSize maxSize,
    List<String> hotPathPrefixes,
    List<String> storageExclusionPrefixes,
    int evictionThreshold)
    implements Checked {
  public RecordConfig {
    hotPathPrefixes = List.copyOf(hotPathPrefixes);
    storageExclusionPrefixes = List.copyOf(storageExclusionPrefixes);
  }

  @Override
  public void check(Checks checks) {
    checks.messageSize("maxSize", maxSize);
    checks.between("evictionThreshold", evictionThreshold, 0, 100);
  }
}
