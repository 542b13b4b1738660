package io.millrace.server.record;

import java.util.Set;

/** Port of the record feature for the grid: what this node hears of the records it follows. */
public interface RecordFollower {
  /** A change that an owner has published; from any thread, in the owner's order. */
  void changed(String owner, RecordChange change);

  /**
   * Something was lost, an owner or what an owner said: what is followed has to be compared with
   * the owners. From any thread.
   *
   * @param lost nodes whose changes do not count from now on, also those that are on their way;
   *     replaces what was said before
   */
  void reconcile(Set<String> lost);
}
