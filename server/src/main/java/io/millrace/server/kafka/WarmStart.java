package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.WarmTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a fresh cluster with what compacted changelogs say, from their beginning to the end that
 * they have when it begins. One node does it, the others wait. Whatever fails is tried again from
 * the beginning, which does no harm: newer states stay. A broker that is away is waited for, and
 * the node is not ready until then.
 *
 * <p>Has one thread, which goes on to say that the cluster is warm, for as long as this node has a
 * part in it.
 */
public final class WarmStart implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WarmStart.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration REMIND = Duration.ofSeconds(5);
  private static final Duration REPORT = Duration.ofSeconds(5);
  private static final Duration TAKES = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

  /** What the cluster knows of it. Called by one thread; may block and throw. */
  public interface Turn {
    /** Whether the cluster is warm, or never was to be warmed. */
    boolean isOver();

    /** Whether this node is the one to do it. */
    boolean isMine();

    /** It is done, and lasts for as long as the records do. To be said again and again. */
    void over();
  }

  private final List<KafkaConfig.Changelog> changelogs;
  private final ClientSettings settings;
  private final Turn turn;
  private final WarmTarget target;
  private final Runnable whenWarm;
  private final Thread thread;
  private final Trouble trouble = new Trouble(LOG, "warm start");
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicLong records = new AtomicLong();
  private long reportedAtNs = System.nanoTime();
  private volatile boolean isWarm;

  /**
   * @param whenWarm runs once, when the records are there
   */
  public WarmStart(KafkaConfig config, Turn turn, WarmTarget target, Runnable whenWarm) {
    String servers = config.bootstrapServers();
    this.changelogs = config.changelog().stream().filter(KafkaConfig.Changelog::warmStart).toList();
    this.settings = new ClientSettings(servers == null ? "" : servers, config.properties());
    this.turn = turn;
    this.target = target;
    this.whenWarm = whenWarm;
    this.thread = Thread.ofPlatform().daemon().name("kafka-warm-start").unstarted(this::run);
  }

  /**
   * Begins. Without any changelog to start from, the cluster is warm as it is.
   *
   * @param isShared whether other nodes may want to know that
   */
  public void start(boolean isShared) {
    if (changelogs.isEmpty()) {
      becomeWarm();
    }
    if (isShared || !isWarm) {
      thread.start();
    }
  }

  private void becomeWarm() {
    isWarm = true;
    whenWarm.run();
  }

  /** What is going on, or empty when the records are there. Any thread. */
  public Optional<String> progress() {
    return isWarm ? Optional.empty() : Optional.of("warming (%d records)".formatted(records.get()));
  }

  private void run() {
    Backoff backoff = new Backoff();
    try {
      while (!isWarm) {
        try {
          if (turn.isOver() || (turn.isMine() && fill())) {
            becomeWarm();
          }
          backoff.succeeded();
          trouble.over("going on");
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
          if (stopping.getCount() == 0) {
            return;
          }
          trouble.present("not possible now, tried until it is: " + e);
          LOG.debug("warm start", e);
          backoff.failed(System.nanoTime());
        }
        long pauseMs = Math.max(LOOK.toMillis(), backoff.delay().toMillis());
        if (!isWarm && stopping.await(pauseMs, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      do {
        remind();
      } while (!stopping.await(REMIND.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("the warm start was interrupted");
    }
  }

  /** All nodes that knew it may be lost, and the records be there all the same. */
  private void remind() {
    try {
      if (turn.isMine()) {
        turn.over();
      }
    } catch (RuntimeException e) {
      LOG.debug("cannot say now that the cluster is warm: {}", e.toString());
    }
  }

  private boolean fill() throws InterruptedException, ExecutionException, TimeoutException {
    records.set(0);
    for (KafkaConfig.Changelog changelog : changelogs) {
      fill(changelog);
    }
    turn.over();
    return true;
  }

  private void fill(KafkaConfig.Changelog changelog)
      throws InterruptedException, ExecutionException, TimeoutException {
    long started = System.nanoTime();
    long before = records.get();
    long foreign = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings.changelogConsumer())) {
      List<TopicPartition> partitions = partitions(consumer, changelog.topic());
      if (partitions.isEmpty()) {
        LOG.info("warm start: there is no topic {} yet", changelog.topic());
        return;
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (isBehind(consumer, ends)) {
        Map<String, StoredRecord> newest = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          Optional<StoredRecord> state = ChangelogMessages.read(message);
          state.ifPresent(found -> newest.merge(found.name().value(), found, WarmStart::later));
          foreign += state.isEmpty() ? 1 : 0;
        }
        take(changelog.name(), newest);
        report(changelog, consumer, ends);
      }
    }
    if (foreign > 0) {
      LOG.warn(
          "warm start: {} messages of topic {} are none of a changelog of states, and left out",
          foreign,
          changelog.topic());
    }
    LOG.info(
        "warm start: {} records from topic {} in {} ms",
        records.get() - before,
        changelog.topic(),
        (System.nanoTime() - started) / 1_000_000);
  }

  private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    List<PartitionInfo> infos = consumer.listTopics().getOrDefault(topic, List.of());
    List<TopicPartition> partitions = new ArrayList<>();
    for (PartitionInfo info : infos) {
      partitions.add(new TopicPartition(topic, info.partition()));
    }
    return partitions;
  }

  private boolean isBehind(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends)
      throws InterruptedException {
    if (stopping.getCount() == 0) {
      throw new InterruptedException("the server stops");
    }
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      if (consumer.position(end.getKey()) < end.getValue()) {
        return true;
      }
    }
    return false;
  }

  /** After a re-send, an owner that was cut off may have written something older behind. */
  private static StoredRecord later(StoredRecord one, StoredRecord other) {
    int order = Long.compare(one.incarnation(), other.incarnation());
    if (order == 0) {
      order = Integer.compare(one.version(), other.version());
    }
    return order > 0 ? one : other;
  }

  /** Hands a poll's worth over and waits for it: that bounds what is under way. */
  private void take(String changelog, Map<String, StoredRecord> states)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<CompletableFuture<Boolean>> running = new ArrayList<>();
    for (StoredRecord state : states.values()) {
      running.add(target.warm(changelog, state).toCompletableFuture());
    }
    for (CompletableFuture<Boolean> each : running) {
      if (each.get(TAKES.toMillis(), TimeUnit.MILLISECONDS)) {
        records.incrementAndGet();
      }
    }
  }

  private void report(
      KafkaConfig.Changelog changelog,
      KafkaConsumer<?, ?> consumer,
      Map<TopicPartition, Long> ends) {
    long now = System.nanoTime();
    if (now - reportedAtNs > REPORT.toNanos()) {
      reportedAtNs = now;
      long left = 0;
      for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
        left += Math.max(0, end.getValue() - consumer.position(end.getKey()));
      }
      LOG.info(
          "warm start: {} records so far, {} messages of topic {} to go",
          records.get(),
          left,
          changelog.topic());
    }
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      if (thread.isAlive() && !thread.join(STOP_TIMEOUT)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
