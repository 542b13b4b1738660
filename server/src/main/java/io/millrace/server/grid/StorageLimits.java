package io.millrace.server.grid;

import io.millrace.server.config.MillraceConfig;
import java.time.Duration;

/**
 * When records are refused or taken out of the grid, so that memory lasts.
 *
 * @param unstored so many records may wait for storage to come back
 * @param untold so many records may wait for a changelog; more are forgotten and looked for later
 * @param changesBytes about so much of changes may wait for a changelog; beyond that, states do
 * @param evictionPercent how full memory may be before idle records go, 0 for however full
 * @param idle how long a record must have been left alone before it goes
 */
record StorageLimits(
    int unstored,
    int untold,
    long changesBytes,
    MemoryGauge memory,
    int evictionPercent,
    Duration idle) {
  /** Some ten MiB of names. */
  private static final int MAX_UNTOLD = 200_000;

  private static final long MAX_CHANGES_BYTES = 32 << 20;

  static StorageLimits of(MillraceConfig config) {
    return new StorageLimits(
        WriteBehind.MAX_UNSTORED,
        MAX_UNTOLD,
        MAX_CHANGES_BYTES,
        MemoryGauge.ofHeap(),
        config.record().evictionThreshold(),
        Evictor.IDLE);
  }
}
