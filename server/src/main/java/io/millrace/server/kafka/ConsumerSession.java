package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one Kafka client of a source, driven step by step by the poll thread.
 *
 * <p>A partition that is assigned has no position at first: it is paused until the progress store
 * and, without stored progress, the broker have said where to start. Kafka's own committed offsets
 * are written for people and tools to look at and never read. Every step polls, whether partitions
 * are paused or not, so the group never thinks that this member is gone.
 */
final class ConsumerSession implements AutoCloseable, ConsumerRebalanceListener {
  private static final Duration IDLE_POLL = Duration.ofMillis(100);
  private static final Duration WAITING = Duration.ofMillis(20);
  private static final Duration SAVE_INTERVAL = Duration.ofSeconds(1);
  private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(5);

  /**
   * For so long a member takes for its own what it was found to have. One that has lost its group
   * without noticing, because the broker is away for it alone, may hold messages that another one
   * has dealt with long since.
   */
  static final Duration OURS_FOR = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(ConsumerSession.class);

  private final KafkaConfig.Source source;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Delivery delivery;
  private final StoredProgress progress;
  private final TopicIdentities topics;
  private final IngestMetrics metrics;
  private final Consumer<Boolean> assigned;
  private final Trouble progressTrouble;
  private final BrokerWatch broker;

  /** Assigned and without a position. */
  private final Set<TopicPartition> unplaced = new HashSet<>();

  /** Those of them whose position was not, or no longer, in the log. */
  private final Set<TopicPartition> outOfRange = new HashSet<>();

  private final Backoff placing = new Backoff();
  private boolean member;
  private long savedAtNanos = System.nanoTime();
  private long foundOursAtNanos = System.nanoTime();

  ConsumerSession(
      KafkaConfig.Source source,
      KafkaConsumer<byte[], byte[]> consumer,
      Delivery delivery,
      StoredProgress progress,
      TopicIdentities topics,
      IngestMetrics metrics,
      Consumer<Boolean> assigned) {
    this.source = source;
    this.consumer = consumer;
    this.delivery = delivery;
    this.progress = progress;
    this.topics = topics;
    progress.use(topics::name);
    this.metrics = metrics;
    this.assigned = assigned;
    this.progressTrouble = new Trouble(log, "Kafka source " + source.name());
    this.broker = new BrokerWatch(source.name(), consumer);
    consumer.subscribe(source.topics(), this);
  }

  /** Reads, hands over and takes note of what has completed, once. */
  void step() throws InterruptedException {
    boolean waits = delivery.waits();
    boolean nothingRead = read(waits ? Duration.ZERO : IDLE_POLL) == 0;
    delivery.settle(waits && nothingRead ? WAITING : Duration.ZERO);
    if (delivery.hasWaiting() && System.nanoTime() - foundOursAtNanos > OURS_FOR.toNanos()) {
      leaveWhatOthersHave();
    }
    delivery.handOver();
    place();
    pauseAndResume();
    assigned.accept(member && unplaced.isEmpty());
    long now = System.nanoTime();
    if (now - savedAtNanos >= SAVE_INTERVAL.toNanos()) {
      savedAtNanos = now;
      Map<TopicPartition, Long> saved = save(consumer.assignment(), this::leave);
      if (!saved.isEmpty()) {
        consumer.commitAsync(offsets(saved), this::committed);
      }
      report();
      broker.look(now);
    }
    recreated(topics.recreated(now));
  }

  private void recreated(Set<String> names) {
    if (names.isEmpty()) {
      return;
    }
    Set<TopicPartition> partitions =
        consumer.assignment().stream()
            .filter(partition -> names.contains(partition.topic()))
            .collect(Collectors.toSet());
    log.warn(
        "Kafka source {}: {} was deleted and created anew, reading it from the beginning",
        source.name(),
        String.join(", ", names));
    await(partitions);
  }

  /**
   * If that can't be found out now, what was read is handed over: while progress cannot be read,
   * nobody else saves any either, and records that are not stored go on without storage.
   */
  private void leaveWhatOthersHave() {
    Set<TopicPartition> placed = new HashSet<>(consumer.assignment());
    placed.removeAll(unplaced);
    long now = System.nanoTime();
    try {
      leave(progress.overtaken(placed));
    } catch (RuntimeException e) {
      progressTrouble.present("cannot read progress, trying until it works: " + e);
    }
    foundOursAtNanos = now;
  }

  /** What was read of these partitions is dropped; what is still ours is read once more. */
  private void leave(Set<TopicPartition> overtaken) {
    if (overtaken.isEmpty()) {
      return;
    }
    log.warn(
        "Kafka source {}: another member has gone on with {}, going on from there",
        source.name(),
        overtaken);
    await(overtaken);
  }

  private int read(Duration timeout) {
    ConsumerRecords<byte[], byte[]> messages;
    try {
      messages = consumer.poll(timeout);
    } catch (OffsetOutOfRangeException e) {
      e.offsetOutOfRangePartitions().forEach(this::outOfRange);
      return 0;
    }
    long bytes = 0;
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      delivery.read(message);
      bytes += Delivery.bytes(message);
    }
    if (!messages.isEmpty()) {
      metrics.read(source.name(), messages.count(), bytes);
    }
    return messages.count();
  }

  private void outOfRange(TopicPartition partition, long offset) {
    log.warn(
        "Kafka source {}: {} has no offset {} (expired, or the topic is another one), starting at"
            + " the earliest",
        source.name(),
        partition,
        offset);
    outOfRange.add(partition);
    await(Set.of(partition));
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    member = true;
    await(partitions);
  }

  /** Pauses partitions until they are {@linkplain #place placed}. */
  private void await(Collection<TopicPartition> partitions) {
    partitions.forEach(delivery::end);
    unplaced.addAll(partitions);
    consumer.pause(partitions);
    // Never read, but without any position poll would look for a committed one and throw.
    partitions.forEach(partition -> consumer.seek(partition, 0));
  }

  /** Finds out where to start reading, if that is needed; tries again later if it fails. */
  private void place() {
    if (unplaced.isEmpty() || !placing.due(System.nanoTime())) {
      return;
    }
    try {
      Map<TopicPartition, Long> starts = starts();
      for (Map.Entry<TopicPartition, Long> start : starts.entrySet()) {
        consumer.seek(start.getKey(), start.getValue());
        delivery.begin(
            start.getKey(), source.name() + ":" + topics.name(start.getKey()), start.getValue());
        log.info("Kafka source {}: {} from {}", source.name(), start.getKey(), start.getValue());
      }
      unplaced.clear();
      outOfRange.clear();
      placing.succeeded();
      progressTrouble.over("found out where to start");
    } catch (RuntimeException e) {
      placing.failed(System.nanoTime());
      progressTrouble.present("cannot find out where to start, trying until it works: " + e);
    }
  }

  private Map<TopicPartition, Long> starts() {
    topics.resolve(unplaced);
    Map<TopicPartition, Long> starts = new HashMap<>(progress.load(unplaced));
    starts.keySet().removeAll(outOfRange);
    Set<TopicPartition> unknown = new HashSet<>(unplaced);
    unknown.removeAll(starts.keySet());
    Set<TopicPartition> fromEarliest =
        switch (source.startFrom()) {
          case EARLIEST -> unknown;
          case LATEST ->
              unknown.stream()
                  .filter(each -> outOfRange.contains(each) || topics.hasPredecessor(each))
                  .collect(Collectors.toSet());
        };
    if (!fromEarliest.isEmpty()) {
      starts.putAll(consumer.beginningOffsets(fromEarliest, LOOK_UP_TIMEOUT));
    }
    unknown.removeAll(fromEarliest);
    if (!unknown.isEmpty()) {
      starts.putAll(consumer.endOffsets(unknown, LOOK_UP_TIMEOUT));
    }
    return starts;
  }

  private void pauseAndResume() {
    Set<TopicPartition> held =
        consumer.assignment().stream().filter(delivery::holds).collect(Collectors.toSet());
    Set<TopicPartition> free = new HashSet<>(consumer.paused());
    free.removeAll(held);
    held.removeAll(consumer.paused());
    consumer.pause(held);
    consumer.resume(free);
  }

  /**
   * Saves the progress of {@code partitions} and returns what has moved and is saved.
   *
   * @param ifOvertaken is given those that others have gone on with: of these, nothing is saved
   */
  private Map<TopicPartition, Long> save(
      Collection<TopicPartition> partitions, Consumer<Set<TopicPartition>> ifOvertaken) {
    Map<TopicPartition, Long> next = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OptionalLong offset = delivery.next(partition);
      offset.ifPresent(value -> next.put(partition, value));
    }
    try {
      Map<TopicPartition, Long> moved = progress.moved(next);
      Set<TopicPartition> overtaken = progress.overtaken(moved.keySet());
      moved.keySet().removeAll(overtaken);
      ifOvertaken.accept(overtaken);
      progress.save(moved);
      if (!moved.isEmpty()) {
        progressTrouble.over("progress is stored again");
      }
      return moved;
    } catch (RuntimeException e) {
      progressTrouble.present("cannot store progress, trying until it works: " + e);
      return Map.of();
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(Map<TopicPartition, Long> next) {
    return next.entrySet().stream()
        .collect(
            Collectors.toMap(Map.Entry::getKey, entry -> new OffsetAndMetadata(entry.getValue())));
  }

  /** Only noted: with our own store, a commit that fails costs nobody anything. */
  private void committed(
      Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception failure) {
    if (failure != null) {
      log.debug("Kafka source {}: progress is stored but not committed", source.name(), failure);
    }
  }

  private void report() {
    metrics.inFlight(source.name(), delivery.bytesInFlight());
    long lag = 0;
    for (TopicPartition partition : consumer.assignment()) {
      lag += consumer.currentLag(partition).orElse(0);
    }
    metrics.lag(source.name(), lag);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    release(partitions);
  }

  /** Another member may have them already: what completed here is theirs to find out as replays. */
  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    member = false;
    forget(partitions);
  }

  /** Gives what is under way a moment, saves what is complete, forgets the rest. */
  private void release(Collection<TopicPartition> partitions) {
    long deadline = System.nanoTime() + RELEASE_TIMEOUT.toNanos();
    try {
      while (delivery.hasUnderWay(partitions) && System.nanoTime() - deadline < 0) {
        delivery.settle(WAITING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Map<TopicPartition, Long> saved = save(partitions, overtaken -> {});
    forget(partitions);
    if (saved.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(offsets(saved), RELEASE_TIMEOUT);
    } catch (KafkaException e) {
      log.debug("Kafka source {}: progress is stored but not committed", source.name(), e);
    }
  }

  private void forget(Collection<TopicPartition> partitions) {
    partitions.forEach(delivery::end);
    unplaced.removeAll(partitions);
    outOfRange.removeAll(partitions);
  }

  @Override
  public void close() {
    Set<TopicPartition> partitions = Set.copyOf(consumer.assignment());
    try {
      release(partitions);
    } finally {
      forget(partitions);
      topics.close();
      consumer.close(CloseOptions.timeout(RELEASE_TIMEOUT));
    }
  }
}
