package io.millrace.server.grid;

import io.millrace.server.record.RecordCell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes idle records out of the grid when memory is short: those that are stored and that nobody
 * follows, roughly those first that have been idle for longest. Who asks for them later loads them
 * from storage. Also what was loaded only to find that there is no such record.
 *
 * <p><b>Why nothing comes back to an old state.</b> A load that began before a record was changed
 * may bring the state of before the change. It does no harm while the cell is there, since what the
 * grid holds is left alone. So the cell must not go before every load is over that began before the
 * cell was loaded or last changed. A load may take {@link GridRecordStore#LOAD_VALID} and its way
 * into the grid as long as a call may take, another 30 seconds. Cells stay for {@link #IDLE}, which
 * is twice as long as both. That is measured with this node's clock, so the partition must have
 * been here all the time: then every change within it was made by this clock.
 *
 * <p><b>Why nothing is lost.</b> Only what is older than everything that is not stored goes ({@link
 * Watermarks}), on partitions with nothing left to be taken over.
 *
 * <p>Confined to one thread.
 */
final class Evictor {
  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  static final Duration IDLE = GridRecordStore.LOAD_VALID.multipliedBy(4);

  /** So many at a time, so that the list of them is small when memory is short. */
  private static final int MAX_ROUND = 20_000;

  private final Evictions evictions;
  private final LocalPartitions partitions;
  private final Function<Duration, Set<Integer>> settled;
  private final Supplier<Set<String>> nodes;
  private final LongSupplier storedUpTo;
  private final StorageScope scope;
  private final MicroClock clock;
  private final StorageLimits limits;
  private final StorageObserver observer;
  private long lastCollections = -1;

  /**
   * @param settled the partitions that have been here for so long
   * @param nodes those that are there, who may follow records
   * @param storedUpTo the sequence up to which everything is stored
   */
  Evictor(
      Evictions evictions,
      LocalPartitions partitions,
      Function<Duration, Set<Integer>> settled,
      Supplier<Set<String>> nodes,
      LongSupplier storedUpTo,
      StorageScope scope,
      MicroClock clock,
      StorageLimits limits,
      StorageObserver observer) {
    this.evictions = evictions;
    this.partitions = partitions;
    this.settled = settled;
    this.nodes = nodes;
    this.storedUpTo = storedUpTo;
    this.scope = scope;
    this.clock = clock;
    this.limits = limits;
    this.observer = observer;
  }

  /** To be called every few seconds: if memory is short, one round for each collection. */
  void run() {
    long collections = limits.memory().collections();
    if (limits.evictionPercent() == 0
        || limits.memory().usedPercent() < limits.evictionPercent()
        || collections == lastCollections) {
      return;
    }
    lastCollections = collections;
    int evicted = evictions.evict(longestIdle());
    if (evicted > 0) {
      LOG.info("memory is short: {} idle records were taken out of the grid", evicted);
      observer.evicted(evicted);
    }
  }

  private List<Evictions.Idle> longestIdle() {
    Duration idle = limits.idle();
    long before = Math.min(storedUpTo.getAsLong(), clock.micros() - idle.toNanos() / 1_000);
    // The youngest of those found first, to make place for older ones.
    PriorityQueue<Evictions.Idle> found =
        new PriorityQueue<>(Comparator.comparingLong(Evictions.Idle::sequence).reversed());
    Set<String> members = nodes.get();
    for (int partition : settled.apply(idle)) {
      try {
        partitions.scan(
            partition,
            entry -> {
              RecordCell cell = entry.getValue();
              if (cell.sequence() <= before
                  && !isFollowed(cell, members)
                  && isOlder(cell, found)
                  && scope.contains(entry.getKey())) {
                found.add(new Evictions.Idle(entry.getKey(), cell.sequence()));
                if (found.size() > MAX_ROUND) {
                  found.poll();
                }
              }
            });
      } catch (RuntimeException e) {
        LOG.debug("partition {} cannot be looked through now: {}", partition, e.toString());
      }
    }
    return new ArrayList<>(found);
  }

  /** By a node that is there. */
  static boolean isFollowed(RecordCell cell, Set<String> members) {
    for (String node : cell.interest()) {
      if (members.contains(node)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOlder(RecordCell cell, PriorityQueue<Evictions.Idle> found) {
    Evictions.Idle youngest = found.peek();
    return found.size() < MAX_ROUND || (youngest != null && cell.sequence() < youngest.sequence());
  }
}
