package io.millrace.server.record;

import java.util.concurrent.CompletionStage;

/**
 * Port of the record feature for sources of deltas.
 *
 * <p>Deltas of one record are applied in the order in which they were handed over by one thread.
 * The stage completes when the delta is applied, copied to the backup and, with storage, committed
 * there. It completes exceptionally when that is not known (a node left, storage is down): the
 * caller hands the same delta over again, which is harmless because the record keeps the position.
 */
public interface DeltaSink {
  CompletionStage<DeltaOutcome> apply(Delta delta);
}
