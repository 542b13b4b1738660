package io.millrace.server.grid;

import io.millrace.server.record.Changelog;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes that a {@link Changelog} has not been told yet. Of a record of which one is missing,
 * because there were too many or they happened elsewhere, none is kept: its state will be told, and
 * only then are changes kept again. Thread-safe; the changes of a record come from one thread at a
 * time.
 */
final class ChangeBuffer {

  /** A change takes at least that much, whatever it says. */
  private static final int OVERHEAD = 200;

  /** Where a record stands: lives, versions, and after the last version of a life its end. */
  private record Rank(long incarnation, int version, boolean deleted) implements Comparable<Rank> {
    static Rank of(StoredRecord state) {
      return new Rank(state.incarnation(), state.version(), state.data() == null);
    }

    static Rank of(RecordChange change) {
      return new Rank(
          change.incarnation(), change.version(), change.body() instanceof RecordChange.Deleted);
    }

    @Override
    public int compareTo(Rank other) {
      if (incarnation != other.incarnation) {
        return Long.compare(incarnation, other.incarnation);
      }
      return version == other.version
          ? Boolean.compare(deleted, other.deleted)
          : Integer.compare(version, other.version);
    }
  }

  private static final class Changes {
    final Deque<RecordChange> known = new ArrayDeque<>(2);
    @Nullable Rank last;
    boolean isBroken;

    void reached(Rank rank) {
      Rank before = last;
      last = before == null || before.compareTo(rank) < 0 ? rank : before;
    }
  }

  private final long maxWeight;
  private final Map<String, Changes> changes = new HashMap<>();
  private long weight;

  /**
   * @param maxWeight about how many bytes are kept
   */
  ChangeBuffer(long maxWeight) {
    this.maxWeight = maxWeight;
  }

  synchronized void add(RecordChange change) {
    Changes of = changes.computeIfAbsent(change.name().value(), unknown -> new Changes());
    of.reached(Rank.of(change));
    if (of.isBroken) {
      return;
    }
    of.known.add(change);
    weight += weight(change);
    if (weight > maxWeight) {
      breakOff(of);
    }
  }

  /** The record as it is has to be told. */
  synchronized void breakOff(String name, long incarnation, int version, boolean deleted) {
    Changes of = changes.computeIfAbsent(name, unknown -> new Changes());
    of.reached(new Rank(incarnation, version, deleted));
    breakOff(of);
  }

  /** Nobody knows how much of what was known has been told. */
  synchronized void failed(StoredRecord state) {
    Changes of = changes.computeIfAbsent(state.name().value(), unknown -> new Changes());
    of.reached(Rank.of(state));
    breakOff(of);
  }

  private void breakOff(Changes of) {
    of.isBroken = true;
    of.known.forEach(change -> weight -= weight(change));
    of.known.clear();
  }

  /**
   * What has led to the state since the record was last told of; null if that is not known. Nothing
   * is forgotten yet.
   */
  synchronized @Nullable List<RecordChange> upTo(StoredRecord state) {
    Changes of = changes.get(state.name().value());
    if (of == null) {
      return List.of();
    }
    if (of.isBroken) {
      return null;
    }
    Rank reached = Rank.of(state);
    List<RecordChange> found = new ArrayList<>();
    for (RecordChange change : of.known) {
      if (Rank.of(change).compareTo(reached) > 0) {
        break;
      }
      found.add(change);
    }
    boolean isWhole = found.isEmpty() || Rank.of(found.get(found.size() - 1)).equals(reached);
    return isWhole ? found : null;
  }

  /** The state has been told, or what had led to it. */
  synchronized void told(StoredRecord state) {
    Changes of = changes.get(state.name().value());
    if (of == null) {
      return;
    }
    Rank reached = Rank.of(state);
    while (!of.known.isEmpty() && Rank.of(of.known.peek()).compareTo(reached) <= 0) {
      weight -= weight(of.known.remove());
    }
    Rank last = of.last;
    if (last == null || last.compareTo(reached) <= 0) {
      changes.remove(state.name().value());
    }
  }

  /** The record is somebody else's business now, or will be found again. */
  synchronized void forget(String name) {
    Changes of = changes.remove(name);
    if (of != null) {
      of.known.forEach(change -> weight -= weight(change));
    }
  }

  synchronized long weight() {
    return weight;
  }

  synchronized int records() {
    return changes.size();
  }

  private static long weight(RecordChange change) {
    return OVERHEAD + 2 * change.length();
  }
}
