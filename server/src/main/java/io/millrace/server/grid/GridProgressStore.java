package io.millrace.server.grid;

import io.millrace.server.kafka.ProgressStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Progress kept in the grid: without storage, it is lost together with the records it led to. */
public final class GridProgressStore implements ProgressStore {
  private final Map<String, Long> progress;

  public GridProgressStore(Grid grid) {
    this.progress = grid.progress();
  }

  @Override
  public Map<String, Long> load(Collection<String> partitions) {
    Map<String, Long> found = new HashMap<>();
    for (String partition : partitions) {
      Long next = progress.get(partition);
      if (next != null) {
        found.put(partition, next);
      }
    }
    return found;
  }

  @Override
  public void save(Map<String, Long> nextOffsets) {
    progress.putAll(nextOffsets);
  }
}
