package io.millrace.server.grid;

import io.millrace.server.config.MillraceConfig;
import java.time.Duration;

/**
 * When records are refused or taken out of the grid, so that memory lasts.
 *
 * @param unstored so many records may wait for storage to come back
 * @param evictionPercent how full memory may be before idle records go, 0 for however full
 * @param idle how long a record must have been left alone before it goes
 */
record StorageLimits(int unstored, MemoryGauge memory, int evictionPercent, Duration idle) {

  static StorageLimits of(MillraceConfig config) {
    return new StorageLimits(
        WriteBehind.MAX_UNSTORED,
        MemoryGauge.ofHeap(),
        config.record().evictionThreshold(),
        Evictor.IDLE);
  }
}
