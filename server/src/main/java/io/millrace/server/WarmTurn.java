package io.millrace.server;

import io.millrace.server.grid.Grid;
import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.kafka.WarmStart;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to warm the cluster: the oldest node's. That it is over is kept in the grid, and
 * with storage where the records are, so that it lasts as long as they do.
 */
final class WarmTurn implements WarmStart.Turn {
  private static final String KEY = "millrace/warm";

  private final Grid grid;
  private final @Nullable ProgressStore storage;

  /**
   * @param storage null if nothing is stored, or nothing is to be warmed
   */
  WarmTurn(Grid grid, @Nullable ProgressStore storage) {
    this.grid = grid;
    this.storage = storage;
  }

  @Override
  public boolean isOver() {
    return grid.progress().containsKey(KEY)
        || (storage != null && storage.load(Set.of(KEY)).containsKey(KEY));
  }

  @Override
  public boolean isMine() {
    return grid.isOldest();
  }

  @Override
  public void over() {
    Map<String, Long> known = grid.progress();
    if (known.containsKey(KEY)) {
      return;
    }
    if (storage != null) {
      storage.save(Map.of(KEY, 1L));
    }
    known.put(KEY, 1L);
  }
}
