package io.millrace.server.record;

/** Port: counts comparisons of followed records with their owners. Called on event loops. */
@FunctionalInterface
public interface ReconciliationCounter {
  /**
   * @param compared records that were compared
   * @param repaired those of them that were different
   */
  void add(int compared, int repaired);
}
