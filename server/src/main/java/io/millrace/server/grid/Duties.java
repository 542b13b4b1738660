package io.millrace.server.grid;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that a node owes as an owner.
 *
 * @param storage null when nothing is stored
 */
record Duties(@Nullable Duty storage, List<Duty> changelogs) {
  Duties {
    changelogs = List.copyOf(changelogs);
  }

  /** Storage first. */
  List<Duty> all() {
    return storage == null
        ? changelogs
        : Stream.concat(Stream.of(storage), changelogs.stream()).toList();
  }

  Optional<Duty> named(String name) {
    return all().stream().filter(duty -> duty.name().equals(name)).findFirst();
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

  /** Changelogs are to hear of a change. */
  void log(String record, long sequence) {
    for (Duty each : changelogs) {
      if (each.isAbout(record)) {
        each.writeBehind().changed(record, sequence, null);
      }
    }
  }

  /** Passes the record on once more, as it is. */
  void flush(String record, long sequence) {
    Duty stored = storage;
    if (stored != null && stored.isAbout(record)) {
      stored.flush(record, sequence);
    }
    for (Duty each : changelogs) {
      if (each.isAbout(record)) {
        each.flush(record, sequence);
      }
    }
  }

  /** Up to where everything is done, whoever has changed it. */
  long doneUpTo(Set<String> otherNodes) {
    long lowest = Long.MAX_VALUE;
    for (Duty each : all()) {
      lowest = Math.min(lowest, each.watermarks().lowest(otherNodes));
    }
    return lowest;
  }

  /** Whether any but that one still has to pass the record on. */
  boolean isWaitingElsewhere(Duty here, String record) {
    for (Duty each : all()) {
      if (!each.equals(here) && each.isAbout(record) && each.writeBehind().isWaiting(record)) {
        return true;
      }
    }
    return false;
  }
}
