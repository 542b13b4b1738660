package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The poll thread of one source. It runs one {@link ConsumerSession} after the other: what a Kafka
 * client throws is answered with a new client after a pause, because few of its errors can be told
 * from those that it will not recover from.
 */
final class SourceConsumer {
  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(15);

  /** A client that has lasted so long is not about to fail for the old reason. */
  private static final Duration STABLE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(SourceConsumer.class);

  private final KafkaConfig.Source source;
  private final ClientSettings settings;
  private final Delivery delivery;
  private final StoredProgress progress;
  private final IngestMetrics metrics;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private final Trouble trouble;
  private volatile boolean assigned;

  SourceConsumer(
      KafkaConfig.Source source,
      ClientSettings settings,
      Delivery delivery,
      StoredProgress progress,
      IngestMetrics metrics) {
    this.source = source;
    this.settings = settings;
    this.delivery = delivery;
    this.progress = progress;
    this.metrics = metrics;
    this.trouble = new Trouble(log, "Kafka source " + source.name());
    this.thread =
        Thread.ofPlatform().daemon().name("kafka-source-" + source.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean assigned() {
    return assigned;
  }

  /** Asks the thread to end. */
  void stop() {
    stopping.countDown();
  }

  /** Waits for the thread to end, but not forever. */
  void join() {
    try {
      if (thread.isAlive() && !thread.join(JOIN_TIMEOUT)) {
        log.warn("Kafka source {}: still busy, leaving it behind", source.name());
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Backoff backoff = new Backoff();
    try {
      do {
        long started = System.nanoTime();
        try (ConsumerSession session =
            new ConsumerSession(
                source,
                new KafkaConsumer<>(settings.consumer(source)),
                delivery,
                progress,
                new TopicIdentities(progress.store(), Admin.create(settings.admin())),
                metrics,
                now -> assigned = now)) {
          while (stopping.getCount() > 0) {
            session.step();
            if (assigned && System.nanoTime() - started > STABLE.toNanos()) {
              backoff.succeeded();
              trouble.over("reading again");
            }
          }
        } catch (RuntimeException e) {
          trouble.present("cannot read, trying until it works: " + e);
          log.debug("Kafka source {}", source.name(), e);
          backoff.failed(System.nanoTime());
        } finally {
          assigned = false;
        }
      } while (!stopping.await(backoff.delay().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      log.debug("Kafka source {} was interrupted", source.name());
    }
  }
}
