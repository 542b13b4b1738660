package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * {@link ProgressStore} for one source; remembers what it has saved. Confined to the poll thread.
 */
final class StoredProgress {
  private final String group;
  private final ProgressStore store;
  private final Map<TopicPartition, Long> saved = new HashMap<>();
  private Function<TopicPartition, String> names = TopicPartition::toString;

  StoredProgress(KafkaConfig.Source source, ProgressStore store) {
    this.group = ClientSettings.group(source);
    this.store = store;
  }

  ProgressStore store() {
    return store;
  }

  /** From now on partitions are kept under the names that this gives them. */
  void use(Function<TopicPartition, String> newNames) {
    names = newNames;
  }

  /** The next offsets of those partitions of which an earlier run has stored any. */
  Map<TopicPartition, Long> load(Collection<TopicPartition> partitions) {
    Map<String, TopicPartition> keys =
        partitions.stream().collect(Collectors.toMap(this::key, partition -> partition));
    Map<TopicPartition, Long> loaded = new HashMap<>();
    store
        .load(keys.keySet())
        .forEach(
            (key, next) -> {
              TopicPartition partition = keys.get(key);
              if (partition != null) {
                loaded.put(partition, next);
              }
            });
    saved.keySet().removeAll(partitions);
    saved.putAll(loaded);
    return loaded;
  }

  /** Saves what differs from what was saved last, and returns it. */
  Map<TopicPartition, Long> save(Map<TopicPartition, Long> next) {
    Map<TopicPartition, Long> moved = new HashMap<>(next);
    moved.entrySet().removeIf(entry -> entry.getValue().equals(saved.get(entry.getKey())));
    if (!moved.isEmpty()) {
      store.save(
          moved.entrySet().stream()
              .collect(Collectors.toMap(entry -> key(entry.getKey()), Map.Entry::getValue)));
      saved.putAll(moved);
    }
    return moved;
  }

  private String key(TopicPartition partition) {
    return group + "/" + names.apply(partition);
  }
}
