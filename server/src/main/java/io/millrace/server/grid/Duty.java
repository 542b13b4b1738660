package io.millrace.server.grid;

import java.util.function.Predicate;

/**
 * Something that a node owes as the owner of records: that what becomes of them gets to storage, or
 * into a changelog. It outlives the owner: {@link WriteBehind} says what of it is done, {@link
 * Watermarks} tell the others, and {@link Takeover} does what is left after a loss.
 *
 * @param name the same on all nodes
 * @param scope the names of the records that it is about
 */
record Duty(String name, Predicate<String> scope, WriteBehind writeBehind, Watermarks watermarks) {
  static final String STORAGE = "storage";

  boolean isAbout(String record) {
    return scope.test(record);
  }

  /** Has the record passed on as it is, whatever was passed on before. */
  void flush(String record, long sequence) {
    writeBehind.changed(record, sequence, null);
  }
}
