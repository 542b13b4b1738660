package io.millrace.server.kafka;

import io.millrace.server.record.StorageException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A store that can be out of order for a while. */
final class InMemoryProgressStore implements ProgressStore {
  private final Map<String, Long> next = new HashMap<>();
  private boolean broken;
  private Consumer<Map<String, Long>> onSave = saved -> {};

  @Override
  public synchronized Map<String, Long> load(Collection<String> partitions) {
    failIfBroken();
    Map<String, Long> found = new HashMap<>(next);
    found.keySet().retainAll(partitions);
    return found;
  }

  @Override
  public synchronized void save(Map<String, Long> nextOffsets) {
    failIfBroken();
    onSave.accept(nextOffsets);
    next.putAll(nextOffsets);
  }

  synchronized void setBroken(boolean value) {
    broken = value;
  }

  /** Called with everything that is about to be saved. */
  synchronized void onSave(Consumer<Map<String, Long>> listener) {
    onSave = listener;
  }

  synchronized long sum() {
    return next.values().stream().mapToLong(Long::longValue).sum();
  }

  synchronized boolean isEmpty() {
    return next.keySet().stream().allMatch(key -> key.startsWith("topic/"));
  }

  private void failIfBroken() {
    if (broken) {
      throw new StorageException("broken for the test", new IllegalStateException("broken"));
    }
  }
}
