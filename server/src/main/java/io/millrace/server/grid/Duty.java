package io.millrace.server.grid;

import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Something that a node owes as the owner of records: that what becomes of them gets to storage, or
 * into a changelog. It outlives the owner: {@link WriteBehind} says what of it is done, {@link
 * Watermarks} tell the others, and {@link Takeover} does what is left after a loss.
 *
 * @param name the same on all nodes
 * @param scope the names of the records that it is about
 * @param changes for a changelog that is told each change, else null
 * @param traces for a changelog that is told states, else null
 */
record Duty(
    String name,
    Predicate<String> scope,
    WriteBehind writeBehind,
    Watermarks watermarks,
    @Nullable ChangeBuffer changes,
    @Nullable LatestTraces traces) {
  static final String STORAGE = "storage";

  /** What the duty of a changelog is called. */
  static String ofChangelog(String changelog) {
    return "changelog-" + changelog;
  }

  boolean isAbout(String record) {
    return scope.test(record);
  }

  /**
   * A changelog is to hear of a change. Called on the record's partition thread.
   *
   * @param change null if only the record's positions have changed
   */
  void log(String record, RecordCell cell, @Nullable RecordChange change) {
    ChangeBuffer known = changes;
    if (known != null) {
      if (change == null) {
        return;
      }
      known.add(change);
    }
    if (traces != null && change != null) {
      traces.changed(change);
    }
    writeBehind.changed(record, cell.sequence(), null);
  }

  /**
   * Has the record passed on as it is, whatever was passed on before. Called on the record's
   * partition thread.
   */
  void flush(String record, RecordCell cell) {
    ChangeBuffer known = changes;
    if (known != null) {
      known.breakOff(record, cell.incarnation(), cell.version(), !cell.exists());
    }
    writeBehind.changed(record, cell.sequence(), null);
  }
}
