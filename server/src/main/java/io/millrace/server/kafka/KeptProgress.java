package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.LogProgress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the {@link ProgressStore} says, by the names that records have for log partitions.
 *
 * <p><b>Why nothing before it is delivered again.</b> A consumer begins at it, after a rebalance, a
 * restart, or a new client ({@code ConsumerSession.place}). It lags behind what is applied (or is a
 * dead letter; one that is replayed is a new message). It does not go back, but by what was saved
 * in the last moments: who has lost a partition and does not know it yet finds the progress of
 * another member there before it saves its own, and, {@link ConsumerSession#OURS_FOR a few seconds}
 * later at most, before it hands over what it had read. What it had handed over before that ends,
 * or fails, within the time that a request to the grid may take. A topic that is created anew has
 * other names. When all records are lost with the grid, so is the progress.
 *
 * <p><b>Where it is not so.</b> An operator who gives a source another group, or has a topic
 * truncated (an unclean election; brokers without topic ids that get a topic anew), has the log
 * read from its beginning. More nodes lost at once than there are copies may take the progress and
 * leave records. When two parts of a split both went on, the progress of the bigger one holds. In
 * each case removals are delivered again behind what they removed, so in the end such records are
 * gone once more; only what clients have written under their names since is lost.
 *
 * <p>Sources that are not configured any more are unknown: nobody says where they would go on.
 */
public final class KeptProgress implements LogProgress {
  private static final char SOURCE_END = ':';

  private final ProgressStore store;
  private final Map<String, String> groups = new HashMap<>();

  public KeptProgress(KafkaConfig config, ProgressStore store) {
    this.store = store;
    config.sources().forEach(source -> groups.put(source.name(), ClientSettings.group(source)));
  }

  @Override
  public Map<String, Long> next(Set<String> partitions) {
    Map<String, String> byKey = new HashMap<>();
    for (String partition : partitions) {
      int end = partition.lastIndexOf(SOURCE_END);
      String group = end < 0 ? null : groups.get(partition.substring(0, end));
      if (group != null) {
        byKey.put(StoredProgress.key(group, partition.substring(end + 1)), partition);
      }
    }
    Map<String, Long> found = new HashMap<>();
    if (!byKey.isEmpty()) {
      store
          .load(byKey.keySet())
          .forEach(
              (key, next) -> {
                String partition = byKey.get(key);
                if (partition != null) {
                  found.put(partition, next);
                }
              });
    }
    return found;
  }
}
