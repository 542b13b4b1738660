package io.millrace.server.grid;

import io.millrace.server.record.LogProgress;
import io.millrace.server.record.RecordCell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets removed records that are not stored, and of which only the log positions are left, so
 * that Kafka can create and delete records for ever. What is stored is forgotten by {@link
 * Graveyard}, or {@linkplain Evictor evicted}; what has seen no delta, at once.
 *
 * <p><b>Why no delta revives a record.</b> A cell goes when the progress that is kept of each log
 * has been past all its positions for {@link Pace#rest}: no consumer begins before that, and what
 * one had read before it lost its partition without noticing has been dropped, or has arrived, by
 * then ({@link LogProgress}). Should the progress of a log go back, all of that begins anew. So
 * while progress cannot be kept, cells stay.
 *
 * <p><b>What else the cell was for.</b> A write that is repeated comes sooner than that; the next
 * life begins with the cluster's time, and so with a later incarnation. A changelog must have been
 * told of the removal: as for what is evicted, only what is older than everything that is still to
 * be told goes, on partitions with nothing left to be taken over. When the parts of a split meet,
 * one that has removed the record and forgotten it holds against one that has it only if it can
 * know that it was in the right ({@link RecordMergePolicy}); the same goes for what clients remove.
 *
 * <p>A round goes through this node's partitions a few at a time. Confined to one thread.
 */
final class Purge {
  private static final Logger LOG = LoggerFactory.getLogger(Purge.class);

  /** So many wait to be forgotten: some ten MiB of names. The others are found again later. */
  private static final int MAX_WAITING = 50_000;

  /**
   * How fast it goes.
   *
   * @param rest how long a cell must have been covered by progress; longer than a consumer hands
   *     over what may not be its own, and than a request to the grid takes
   * @param tick how often a few partitions are looked through
   * @param ticks how many of these make a round
   */
  record Pace(Duration rest, Duration tick, int ticks) {
    static final Pace SLOW = new Pace(Duration.ofMinutes(2), Duration.ofSeconds(1), 30);
  }

  /** What changelogs have been told. */
  interface Told {
    /** The sequence up to which they know everything. */
    long upTo();

    /** The partitions that have been here for so long, with nothing to be taken over. */
    Set<Integer> settled(Duration time);

    /** Whether there is one about the record. */
    boolean isLogged(String name);
  }

  private record Found(String name, long sequence, Map<String, Long> positions) {}

  private record Grave(long sequence, long sinceNs) {}

  private final Evictions evictions;
  private final LocalPartitions partitions;
  private final Supplier<Set<String>> nodes;
  private final Predicate<String> isStored;
  private final Told told;
  private final LogProgress progress;
  private final Pace pace;

  /** Cells that are covered by progress, the oldest first. */
  private final Map<String, Grave> graves = new LinkedHashMap<>();

  /** The progress that covers them. */
  private final Map<String, Long> relied = new HashMap<>();

  /** What is left of the round. */
  private Iterator<Integer> round = Set.<Integer>of().iterator();

  private int slice;
  private long counted;
  private volatile long kept;

  /**
   * @param nodes those that are there, who may follow records
   */
  Purge(
      Evictions evictions,
      LocalPartitions partitions,
      Supplier<Set<String>> nodes,
      Predicate<String> isStored,
      Told told,
      LogProgress progress,
      Pace pace) {
    this.evictions = evictions;
    this.partitions = partitions;
    this.nodes = nodes;
    this.isStored = isStored;
    this.told = told;
    this.progress = progress;
    this.pace = pace;
  }

  /** How many removed records were still remembered here, at the last round. Any thread. */
  long kept() {
    return kept;
  }

  /**
   * One slice of a round; to be called every {@link Pace#tick}. Fails if a partition cannot be
   * looked through now; the next one goes on behind it.
   */
  void run() {
    forget();
    if (!round.hasNext()) {
      kept = counted;
      counted = 0;
      Set<Integer> owned = partitions.owned();
      slice = (owned.size() + pace.ticks() - 1) / pace.ticks();
      round = owned.iterator();
    }
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < slice && round.hasNext(); i++) {
      look(round.next(), found);
    }
    cover(found);
  }

  private void look(int partition, List<Found> found) {
    Set<String> members = nodes.get();
    long[] count = new long[1];
    partitions.scan(
        partition,
        entry -> {
          RecordCell cell = entry.getValue();
          if (cell.exists() || Evictor.isFollowed(cell, members) || isStored.test(entry.getKey())) {
            return;
          }
          count[0]++;
          if (graves.size() + found.size() < MAX_WAITING) {
            found.add(new Found(entry.getKey(), cell.sequence(), Map.copyOf(cell.positions())));
          }
        });
    counted += count[0];
  }

  /** Those that progress covers begin to rest, unless they do already. */
  private void cover(List<Found> found) {
    found.removeIf(cell -> isResting(cell.name(), cell.sequence()));
    if (found.isEmpty()) {
      return;
    }
    Set<String> logs = new HashSet<>(relied.keySet());
    found.forEach(cell -> logs.addAll(cell.positions().keySet()));
    Map<String, Long> next = progress.next(logs);
    heed(next);
    long now = System.nanoTime();
    for (Found cell : found) {
      if (isCovered(cell, next)) {
        // Behind those that have rested for longer.
        graves.remove(cell.name());
        graves.put(cell.name(), new Grave(cell.sequence(), now));
        cell.positions().keySet().forEach(log -> relied.put(log, next.getOrDefault(log, 0L)));
      }
    }
  }

  private boolean isResting(String name, long sequence) {
    Grave grave = graves.get(name);
    return grave != null && grave.sequence() == sequence;
  }

  private static boolean isCovered(Found cell, Map<String, Long> next) {
    return cell.positions().entrySet().stream()
        .allMatch(each -> next.getOrDefault(each.getKey(), 0L) > each.getValue());
  }

  /** If progress has gone back, or is gone, nothing is covered any more. */
  private void heed(Map<String, Long> next) {
    for (Map.Entry<String, Long> each : relied.entrySet()) {
      if (next.getOrDefault(each.getKey(), 0L) < each.getValue()) {
        LOG.info("the progress of {} has gone back", each.getKey());
        graves.clear();
        break;
      }
    }
    if (graves.isEmpty()) {
      relied.clear();
    }
  }

  private void forget() {
    List<Evictions.Idle> rested = rested();
    if (rested.isEmpty()) {
      return;
    }
    heed(progress.next(Set.copyOf(relied.keySet())));
    if (graves.isEmpty()) {
      return;
    }
    // Those that may not go yet are found again.
    rested.forEach(cell -> graves.remove(cell.name()));
    long toldUpTo = told.upTo();
    Set<Integer> settled = told.settled(pace.rest());
    rested.removeIf(
        cell ->
            told.isLogged(cell.name())
                && (cell.sequence() > toldUpTo || !settled.contains(partitions.of(cell.name()))));
    int forgotten = evictions.evict(rested);
    LOG.debug("{} removed records are forgotten", forgotten);
  }

  private List<Evictions.Idle> rested() {
    long now = System.nanoTime();
    List<Evictions.Idle> rested = new ArrayList<>();
    for (Map.Entry<String, Grave> each : graves.entrySet()) {
      Grave grave = each.getValue();
      if (now - grave.sinceNs() < pace.rest().toNanos()) {
        break;
      }
      rested.add(new Evictions.Idle(each.getKey(), grave.sequence()));
    }
    return rested;
  }
}
