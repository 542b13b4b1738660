package io.millrace.server.grid;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import org.jspecify.annotations.Nullable;

/** Port: how full the heap is. */
interface MemoryGauge {

  /** What was in use after the last collection of the old generation, in percent of the most. */
  int usedPercent();

  /** How many collections there have been; what was given up only shows after the next one. */
  long collections();

  /** Of this process; works with any collector that has a pool which is measured after it ran. */
  static MemoryGauge ofHeap() {
    return new MemoryGauge() {
      @Override
      public int usedPercent() {
        int most = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
          if (pool.getType() == MemoryType.HEAP && isWhereThingsGrowOld(pool.getName())) {
            most = Math.max(most, percent(pool.getCollectionUsage()));
          }
        }
        return most;
      }

      @Override
      public long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionCount)
            .sum();
      }
    };
  }

  /** Young generations are full in the best of times. */
  private static boolean isWhereThingsGrowOld(String pool) {
    return !pool.contains("Eden") && !pool.contains("Survivor") && !pool.contains("Young");
  }

  private static int percent(@Nullable MemoryUsage usage) {
    if (usage == null) {
      return 0;
    }
    long max = usage.getMax() > 0 ? usage.getMax() : Runtime.getRuntime().maxMemory();
    return (int) (100 * usage.getUsed() / max);
  }
}
