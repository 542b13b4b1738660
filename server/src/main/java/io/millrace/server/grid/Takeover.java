package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstanceNotActiveException;
import io.millrace.server.record.RecordCell;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what owners before this one had applied and not stored (P4), in storage or in a changelog.
 * Whenever this node gets partitions, and whenever a node is lost, it looks through its cells for
 * changes that are newer than what is stored everywhere ({@link Watermarks}). That finds too many
 * rather than too few: storing a record twice does no harm.
 *
 * <p>It also finds what {@link WriteBehind} has forgotten while too much waited.
 *
 * <p>It compares what it owns now with what it owned a moment ago instead of trusting events. A
 * partition that could not be looked through, because it moved on meanwhile or because the grid was
 * busy, is looked through at one of the next rounds. Confined to one thread.
 */
final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  /** Longer than a group takes to be stored, unless something fails. */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  /** How many rounds to wait for nodes that have not told yet how far they have stored. */
  private static final int PATIENCE = 20;

  private final LocalPartitions partitions;
  private final Supplier<Set<String>> others;
  private final Duty duty;

  /** Since when partitions have been here, by {@link System#nanoTime}. */
  private final Map<Integer, Long> ownedSince = new ConcurrentHashMap<>();

  private final Set<Integer> due = new TreeSet<>();
  private Set<String> lastOthers = Set.of();
  private volatile boolean hadOthers;
  private boolean isSearching;
  private int roundsWaited;

  Takeover(LocalPartitions partitions, Supplier<Set<String>> others, Duty duty) {
    this.partitions = partitions;
    this.others = others;
    this.duty = duty;
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
    if (duty.writeBehind().beginSearch()) {
      isSearching = true;
      due.addAll(owned);
    }
    due.retainAll(owned);
    Watermarks watermarks = duty.watermarks();
    if (due.isEmpty()) {
      roundsWaited = 0;
    } else if (watermarks.know(othersNow) || roundsWaited >= PATIENCE) {
      scanDue(watermarks.lowest(othersNow));
    } else {
      roundsWaited++;
    }
    if (isSearching && due.isEmpty()) {
      isSearching = false;
      duty.writeBehind().endSearch();
    }
  }

  /**
   * Whether the name has been on this node for so long that nobody else can still be storing what
   * became of it elsewhere. Any thread.
   */
  boolean isSettled(String name) {
    if (!hadOthers) {
      return true;
    }
    try {
      Long since = ownedSince.get(partitions.of(name));
      return since != null && System.nanoTime() - since > SETTLING.toNanos();
    } catch (HazelcastInstanceNotActiveException e) {
      // The node stops; others have it now.
      return false;
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
    WriteBehind writeBehind = duty.writeBehind();
    for (int partition : Set.copyOf(due)) {
      if (!writeBehind.hasRoom()) {
        // The rest when there is room for it.
        break;
      }
      try {
        partitions.scan(
            partition,
            entry -> {
              RecordCell cell = entry.getValue();
              if (isToBeStored(cell, storedUpTo) && duty.isAbout(entry.getKey())) {
                duty.flush(entry.getKey(), cell);
                found[0]++;
              }
            });
        due.remove(partition);
      } catch (RuntimeException e) {
        LOG.debug("partition {} cannot be looked through now: {}", partition, e.toString());
      }
    }
    if (found[0] > 0) {
      LOG.info("{}: {} records that may not have been passed on before", duty.name(), found[0]);
    }
  }

  private static boolean isToBeStored(RecordCell cell, long storedUpTo) {
    // A removed record that nobody follows is forgotten some time after it was stored, by the node
    // that stored it; so that has to be done again.
    boolean isGrave = !cell.exists() && !cell.isBlank() && cell.interest().isEmpty();
    return isGrave || (cell.isChanged() && cell.sequence() > storedUpTo);
  }
}
