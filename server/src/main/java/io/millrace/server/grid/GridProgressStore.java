package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.kafka.ProgressStore;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** Progress kept in the grid: without storage, it is lost together with the records it led to. */
public final class GridProgressStore implements ProgressStore {
  private final IMap<String, Long> progress;

  public GridProgressStore(Grid grid) {
    this.progress = grid.progressMap();
  }

  @Override
  public Map<String, Long> load(Collection<String> partitions) {
    return progress.getAll(Set.copyOf(partitions));
  }

  @Override
  public void save(Map<String, Long> nextOffsets) {
    progress.putAll(nextOffsets);
  }
}
