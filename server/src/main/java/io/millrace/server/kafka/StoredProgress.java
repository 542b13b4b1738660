package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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
    Map<TopicPartition, Long> loaded = read(partitions);
    saved.keySet().removeAll(partitions);
    saved.putAll(loaded);
    return loaded;
  }

  private Map<TopicPartition, Long> read(Collection<TopicPartition> partitions) {
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
    return loaded;
  }

  /**
   * Those in which somebody else has saved progress since this has loaded or saved any: they are
   * another member's now, or were for a while. Not those whose progress is lost.
   */
  Set<TopicPartition> overtaken(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return Set.of();
    }
    Set<TopicPartition> overtaken = new HashSet<>();
    read(partitions)
        .forEach(
            (partition, next) -> {
              if (!next.equals(saved.get(partition))) {
                overtaken.add(partition);
              }
            });
    return overtaken;
  }

  /** What differs from what was saved last. */
  Map<TopicPartition, Long> moved(Map<TopicPartition, Long> next) {
    Map<TopicPartition, Long> moved = new HashMap<>(next);
    moved.entrySet().removeIf(entry -> entry.getValue().equals(saved.get(entry.getKey())));
    return moved;
  }

  void save(Map<TopicPartition, Long> moved) {
    if (!moved.isEmpty()) {
      store.save(
          moved.entrySet().stream()
              .collect(Collectors.toMap(entry -> key(entry.getKey()), Map.Entry::getValue)));
      saved.putAll(moved);
    }
  }

  private String key(TopicPartition partition) {
    return key(group, names.apply(partition));
  }

  /** What the progress of a partition is kept under. */
  static String key(String group, String partition) {
    return group + "/" + partition;
  }
}
