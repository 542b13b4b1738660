package io.millrace.server.grid;

import io.millrace.server.record.RecordCell;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what owners before this one had applied and not stored (P4). Whenever this node gets
 * partitions, and whenever a node is lost, it looks through its cells for changes that are newer
 * than what is stored everywhere ({@link Watermarks}). That finds too many rather than too few:
 * storing a record twice does no harm.
 *
 * <p>It compares what it owns now with what it owned a moment ago instead of trusting events. A
 * partition that could not be looked through, because it moved on meanwhile or because the grid was
 * busy, is looked through at one of the next rounds. Confined to one thread.
 */
final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  /** How many rounds to wait for nodes that have not told yet how far they have stored. */
  private static final int PATIENCE = 20;

  private final LocalPartitions partitions;
  private final Watermarks watermarks;
  private final Supplier<Set<String>> others;
  private final StorageScope scope;
  private final WriteBehind writeBehind;

  /** Since when partitions have been here, by {@link System#nanoTime}. */
  private final Map<Integer, Long> ownedSince = new HashMap<>();

  private final Set<Integer> due = new TreeSet<>();
  private Set<String> lastOthers = Set.of();
  private boolean hadOthers;
  private int roundsWaited;

  Takeover(
      LocalPartitions partitions,
      Watermarks watermarks,
      Supplier<Set<String>> others,
      StorageScope scope,
      WriteBehind writeBehind) {
    this.partitions = partitions;
    this.watermarks = watermarks;
    this.others = others;
    this.scope = scope;
    this.writeBehind = writeBehind;
  }

  /** One round; to be called a few times a second. */
  void run() {
    Set<String> othersNow = Set.copyOf(others.get());
    boolean lost = !othersNow.containsAll(lastOthers);
    lastOthers = othersNow;
    hadOthers |= !othersNow.isEmpty();
    Set<Integer> owned = partitions.owned();
    long now = System.nanoTime();
    for (int partition : owned) {
      boolean isNew = ownedSince.putIfAbsent(partition, now) == null;
      if ((isNew && hadOthers) || lost) {
        due.add(partition);
      }
    }
    ownedSince.keySet().retainAll(owned);
    due.retainAll(owned);
    if (due.isEmpty()) {
      roundsWaited = 0;
    } else if (watermarks.know(othersNow) || roundsWaited >= PATIENCE) {
      scanDue(watermarks.lowest(othersNow));
    } else {
      roundsWaited++;
    }
  }

  /** The partitions that have been here for so long, with nothing left to be taken over. */
  Set<Integer> settled(Duration time) {
    long now = System.nanoTime();
    Set<Integer> settled = new HashSet<>();
    ownedSince.forEach(
        (partition, since) -> {
          if (now - since > time.toNanos() && !due.contains(partition)) {
            settled.add(partition);
          }
        });
    return settled;
  }

  private void scanDue(long storedUpTo) {
    int[] found = new int[1];
    for (int partition : Set.copyOf(due)) {
      try {
        partitions.scan(
            partition,
            entry -> {
              RecordCell cell = entry.getValue();
              if (isToBeStored(cell, storedUpTo) && scope.contains(entry.getKey())) {
                writeBehind.changed(entry.getKey(), cell.sequence(), null);
                found[0]++;
              }
            });
        due.remove(partition);
      } catch (RuntimeException e) {
        LOG.debug("partition {} cannot be looked through now: {}", partition, e.toString());
      }
    }
    if (found[0] > 0) {
      LOG.info("stores {} records that an owner before may not have stored", found[0]);
    }
  }

  private static boolean isToBeStored(RecordCell cell, long storedUpTo) {
    // A removed record that nobody follows is forgotten some time after it was stored, by the node
    // that stored it; so that has to be done again.
    boolean isGrave = !cell.exists() && !cell.isBlank() && cell.interest().isEmpty();
    return isGrave || (cell.isChanged() && cell.sequence() > storedUpTo);
  }
}
