package io.millrace.server.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Which topic stands behind a name. One that was deleted and created anew begins at offset 0 again,
 * so what is known of positions in the old one says nothing of it (KIP-516 gives topics an id).
 * Each has a number, its generation, kept with the progress; it is part of what positions are
 * called from the second one on. Confined to the poll thread.
 */
final class TopicIdentities implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private final ProgressStore store;
  private final Admin admin;
  private final Map<String, Uuid> ids = new HashMap<>();
  private final Map<String, Long> generations = new HashMap<>();
  private Map<String, KafkaFuture<TopicDescription>> looking = Map.of();
  private long lookedAtNanos = System.nanoTime();

  TopicIdentities(ProgressStore store, Admin admin) {
    this.store = store;
    this.admin = admin;
  }

  /**
   * Finds out which topics these are now. Blocks for some seconds at most.
   *
   * @throws RuntimeException if that can't be found out
   */
  void resolve(Collection<TopicPartition> partitions) {
    Set<String> topics = new HashSet<>();
    partitions.forEach(partition -> topics.add(partition.topic()));
    describe(topics).forEach(this::isNow);
  }

  private Map<String, Uuid> describe(Set<String> topics) {
    Map<String, Uuid> found = new HashMap<>();
    DescribeTopicsOptions soon =
        new DescribeTopicsOptions().timeoutMs(Math.toIntExact(TIMEOUT.toMillis()));
    admin
        .describeTopics(topics, soon)
        .topicNameValues()
        .forEach((topic, description) -> found.put(topic, get(topic, description)));
    return found;
  }

  private static Uuid get(String topic, Future<TopicDescription> description) {
    try {
      return description.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).topicId();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("cannot find out which topic " + topic + " is", e);
    }
  }

  private void isNow(String topic, Uuid id) {
    if (id.equals(ids.get(topic))) {
      return;
    }
    generations.put(topic, id.equals(Uuid.ZERO_UUID) ? 0 : generation(topic, id));
    ids.put(topic, id);
  }

  private long generation(String topic, Uuid id) {
    String last = "topic/" + topic;
    String itself = last + "/" + id;
    Map<String, Long> known = store.load(List.of(last, itself));
    Long assigned = known.get(itself);
    if (assigned != null) {
      return assigned;
    }
    Long before = known.get(last);
    long next = before == null ? 0 : before + 1;
    // Two nodes that do this at once come to the same number.
    store.save(Map.of(itself, next, last, next));
    return next;
  }

  /** The topics, of those that were resolved, that are others now. Does not block. */
  Set<String> recreated(long nanos) {
    Set<String> others = new HashSet<>();
    if (!looking.isEmpty() && looking.values().stream().allMatch(KafkaFuture::isDone)) {
      looking.forEach(
          (topic, description) -> {
            Uuid id = idOf(description);
            if (id != null && !id.equals(ids.get(topic))) {
              others.add(topic);
            }
          });
      looking = Map.of();
    }
    if (looking.isEmpty() && nanos - lookedAtNanos >= LOOK_INTERVAL.toNanos() && !ids.isEmpty()) {
      lookedAtNanos = nanos;
      looking = admin.describeTopics(Set.copyOf(ids.keySet())).topicNameValues();
    }
    return others;
  }

  /** Null if the topic is not there, or if that could not be found out this time. */
  private static @Nullable Uuid idOf(KafkaFuture<TopicDescription> description) {
    return description.isCompletedExceptionally()
        ? null
        : description.toCompletionStage().toCompletableFuture().join().topicId();
  }

  /** The name of the partition in what is kept: with the generation, except for the first one. */
  String name(TopicPartition partition) {
    long generation = generations.getOrDefault(partition.topic(), 0L);
    return (generation == 0 ? partition.topic() : partition.topic() + "#" + generation)
        + "/"
        + partition.partition();
  }

  /** Whether there was another topic of that name before. */
  boolean hasPredecessor(TopicPartition partition) {
    return generations.getOrDefault(partition.topic(), 0L) > 0;
  }

  @Override
  public void close() {
    // A plain close would wait for answers that nobody needs.
    admin.close(Duration.ZERO);
  }
}
