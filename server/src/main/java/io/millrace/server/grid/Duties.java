package io.millrace.server.grid;

import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that a node owes as an owner. Thread-safe. */
final class Duties {
  private final @Nullable Duty storage;
  private final List<Duty> changelogs;
  private final List<Duty> all;

  /**
   * @param storage null when nothing is stored
   */
  Duties(@Nullable Duty storage, List<Duty> changelogs) {
    this.storage = storage;
    this.changelogs = List.copyOf(changelogs);
    this.all = Stream.concat(Stream.ofNullable(storage), this.changelogs.stream()).toList();
  }

  @Nullable Duty storage() {
    return storage;
  }

  /** Storage first. */
  List<Duty> all() {
    return all;
  }

  Optional<Duty> named(String name) {
    return all.stream().filter(duty -> duty.name().equals(name)).findFirst();
  }

  /** Whether a changelog is about the record. */
  boolean isLogged(String record) {
    for (Duty each : changelogs) {
      if (each.isAbout(record)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Changelogs are to hear of a change.
   *
   * @param isFirst whether it is the first since the record came into the grid, so that nobody here
   *     knows what was told before
   */
  void log(String record, RecordCell cell, @Nullable RecordChange change, boolean isFirst) {
    for (Duty each : changelogs) {
      if (each.isAbout(record)) {
        if (isFirst) {
          each.flush(record, cell);
        } else {
          each.log(record, cell, change);
        }
      }
    }
  }

  /** The node has become the owner; what the one before has told is not known. */
  void owned(String record, RecordCell cell) {
    for (Duty each : changelogs) {
      if (each.changes() != null && each.isAbout(record)) {
        each.flush(record, cell);
      }
    }
  }

  /** Passes the record on once more, as it is. */
  void flush(String record, RecordCell cell) {
    for (Duty each : all) {
      if (each.isAbout(record)) {
        each.flush(record, cell);
      }
    }
  }

  /** As {@link #flush}, but for the duty that the state has come from. */
  void flushExcept(String duty, String record, RecordCell cell) {
    for (Duty each : all) {
      if (!each.name().equals(duty) && each.isAbout(record)) {
        each.flush(record, cell);
      }
    }
  }

  /** Up to where everything is done, whoever has changed it. */
  long doneUpTo(Set<String> otherNodes) {
    long lowest = Long.MAX_VALUE;
    for (Duty each : all) {
      lowest = Math.min(lowest, each.watermarks().lowest(otherNodes));
    }
    return lowest;
  }

  /** Whether any but that one still has to pass the record on. */
  boolean isWaitingElsewhere(Duty here, String record) {
    for (Duty each : all) {
      if (!each.equals(here) && each.isAbout(record) && each.writeBehind().isWaiting(record)) {
        return true;
      }
    }
    return false;
  }
}
