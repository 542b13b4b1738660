package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.record.RecordCell;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes cells out of the grid, on the owner and on backups, that are as they were found. */
final class Evictions {
  private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);
  private static final int MAX_IN_FLIGHT = 256;

  private final IMap<String, RecordCell> records;

  /** A cell as it was found. */
  record Idle(String name, long sequence) {}

  Evictions(IMap<String, RecordCell> records) {
    this.records = records;
  }

  /** Returns how many could be taken out: the others have changed, or are followed. Blocks. */
  int evict(List<Idle> cells) {
    int evicted = 0;
    for (int from = 0; from < cells.size(); from += MAX_IN_FLIGHT) {
      List<CompletionStage<GridAnswer>> running = new ArrayList<>();
      for (Idle cell : cells.subList(from, Math.min(cells.size(), from + MAX_IN_FLIGHT))) {
        running.add(records.submitToKey(cell.name(), new EvictProcessor(cell.sequence())));
      }
      for (CompletionStage<GridAnswer> each : running) {
        try {
          if (each.toCompletableFuture().join() instanceof GridAnswer.Done) {
            evicted++;
          }
        } catch (CompletionException e) {
          LOG.debug("a record could not be taken out of the grid: {}", e.toString());
        }
      }
    }
    return evicted;
  }
}
