package io.millrace.server.record;

import java.util.concurrent.Executor;

/**
 * Port of the record feature for sources of deltas.
 *
 * <p>Deltas of one record and log partition take effect in the order in which they were handed
 * over. One ends when it is applied, copied to the backup and, with storage, committed there; or
 * with a failure when that is not known (a node left, storage is down): then the same delta is to
 * be handed over again, which is harmless because the record keeps the position.
 */
public interface DeltaSink {

  /**
   * A way in for one thread.
   *
   * @param owner runs what it is given on that thread, in order
   */
  DeltaWay open(Executor owner);

  /** Confined to the thread that it was opened for. */
  interface DeltaWay {

    /**
     * Hands deltas over, in order. Each {@linkplain DeltaAttempt#end ends} on this thread, later,
     * in any order. Does not block.
     */
    void apply(Iterable<DeltaAttempt> batch);
  }
}
