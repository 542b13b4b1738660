package io.millrace.server.record;

import io.millrace.server.tracing.TraceContext;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Port: where it is told what becomes of some records, at least once and in the order of their
 * versions. Owners tell it; each calls with one thread of its own.
 */
public interface Changelog {

  /**
   * What is to be told of a record.
   *
   * @param state what the record has become
   * @param changes what led to it, in order, since the record was last told of; null if some of
   *     them are not known any more, so that the state itself has to be told
   * @param trace of the last change that led to the state, null if nobody traces it or that is not
   *     known any more
   */
  record Entry(
      StoredRecord state, @Nullable List<RecordChange> changes, @Nullable TraceContext trace) {
    public Entry {
      changes = changes == null ? null : List.copyOf(changes);
    }
  }

  /**
   * What came of it.
   *
   * @param failed names of records that are to be told of again, since nobody knows what was told
   * @param cause why the first of them failed, null if none did
   */
  record Told(Set<String> failed, @Nullable RuntimeException cause) {
    public Told {
      failed = Set.copyOf(failed);
    }
  }

  /** The same on all nodes; unique. */
  String name();

  /** Whether it is told of the record. Called on partition threads, so it must be fast. */
  boolean contains(String record);

  /** Whether it is told each change, as far as they are known, or states only. */
  boolean tellsChanges();

  /**
   * Tells of records with different names; blocks until that has arrived to stay, or has failed.
   * Does not throw because of what may pass.
   */
  Told tell(List<Entry> entries);
}
