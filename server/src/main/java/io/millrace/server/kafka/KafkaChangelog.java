package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.NamePattern;
import io.millrace.server.record.Changelog;
import io.millrace.server.tracing.Tracing;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A changelog that is a topic. Connects when there is something to tell, and again after what a
 * client does not recover from. Its clients belong to the one thread that tells.
 *
 * <p>What has failed may have arrived all the same; it is told again by whoever owns the record
 * then, as the state that it has by then. So a record's versions in the topic never fall while it
 * stays with one node, and its last message is its newest state. A message that the broker finds
 * too large is left out, so that the others get through: that is logged, and counted.
 */
public final class KafkaChangelog implements Changelog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaChangelog.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final KafkaConfig.Changelog config;
  private final List<NamePattern> records;
  private final ClientSettings settings;
  private final ChangelogTopic topic;
  private final ChangelogMessages messages;
  private final int maxMessageBytes;
  private final ChangelogMetrics metrics;
  private final AtomicInteger left = new AtomicInteger();
  private @Nullable Producer<byte[], byte @Nullable []> producer;

  private KafkaChangelog(
      KafkaConfig.Changelog config,
      ClientSettings settings,
      String origin,
      int maxMessageBytes,
      ChangelogMetrics metrics,
      Tracing tracing) {
    this.config = config;
    this.records = config.records().stream().map(NamePattern::new).toList();
    this.settings = settings;
    this.topic = new ChangelogTopic(config, settings, maxMessageBytes);
    this.messages = new ChangelogMessages(config.topic(), origin, tracing);
    this.maxMessageBytes = maxMessageBytes;
    this.metrics = metrics;
  }

  /**
   * All that are configured; nothing is connected here.
   *
   * @param origin names the cluster, in the messages
   * @param maxRecord how long a record's JSON may be, in UTF-16 units
   * @throws IllegalArgumentException if a client would not start with the configured properties
   */
  public static List<KafkaChangelog> of(
      KafkaConfig config,
      String origin,
      long maxRecord,
      ChangelogMetrics metrics,
      Tracing tracing) {
    String servers = config.bootstrapServers();
    if (servers == null || config.changelog().isEmpty()) {
      return List.of();
    }
    ClientSettings settings = new ClientSettings(servers, config.properties());
    // A unit takes three bytes at most; the rest is for name, path and positions.
    int maxMessageBytes = (int) Math.min(Integer.MAX_VALUE / 2, 3 * maxRecord + (256 << 10));
    settings.checkChangelog(maxMessageBytes);
    for (KafkaConfig.Changelog entry : config.changelog()) {
      if (config.sources().stream().anyMatch(source -> source.topics().contains(entry.topic()))) {
        LOG.warn(
            "topic {} is both a source and a changelog: what this cluster ({}) has written to it is"
                + " not read back; no other cluster may use it both ways",
            entry.topic(),
            origin);
      }
    }
    return config.changelog().stream()
        .map(
            entry -> new KafkaChangelog(entry, settings, origin, maxMessageBytes, metrics, tracing))
        .toList();
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public boolean contains(String record) {
    for (NamePattern pattern : records) {
      if (pattern.matches(record)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean tellsChanges() {
    return config.content() == KafkaConfig.Content.DELTAS;
  }

  @Override
  public Told tell(List<Entry> entries) {
    Set<String> open = ConcurrentHashMap.newKeySet();
    entries.forEach(entry -> open.add(entry.state().name().value()));
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    AtomicInteger sent = new AtomicInteger();
    try {
      topic.ensure();
      Producer<byte[], byte @Nullable []> client = producer();
      Set<String> failed = ConcurrentHashMap.newKeySet();
      Set<String> begun = new HashSet<>();
      for (Entry entry : entries) {
        if (failure.get() != null) {
          break;
        }
        String name = entry.state().name().value();
        for (ProducerRecord<byte[], byte @Nullable []> message : messages(entry)) {
          send(client, message, name, sent, failed, failure);
        }
        begun.add(name);
      }
      client.flush();
      begun.removeAll(failed);
      open.removeAll(begun);
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt();
      failure.set(e);
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      failure.set(e);
    }
    metrics.sent(config.name(), sent.get());
    Exception cause = failure.get();
    if (cause == null) {
      return new Told(Set.of(), null);
    }
    metrics.failed(config.name(), open.size());
    failed(cause);
    return new Told(open, new IllegalStateException(cause.toString(), cause));
  }

  private List<ProducerRecord<byte[], byte @Nullable []>> messages(Entry entry) {
    return tellsChanges()
        ? messages.changes(entry)
        : List.of(messages.state(entry.state(), entry.trace()));
  }

  private void send(
      Producer<byte[], byte @Nullable []> client,
      ProducerRecord<byte[], byte @Nullable []> message,
      String name,
      AtomicInteger sent,
      Set<String> failed,
      AtomicReference<@Nullable Exception> failure) {
    Future<?> unused =
        client.send(
            message,
            (metadata, problem) -> {
              if (problem == null) {
                sent.incrementAndGet();
              } else if (problem instanceof RecordTooLargeException) {
                leftOut(name, problem);
              } else {
                failed.add(name);
                failure.compareAndSet(null, problem);
              }
            });
  }

  /** Once in words: a record that is too large may change often. */
  private void leftOut(String name, Exception problem) {
    metrics.tooLarge(config.name());
    if (left.getAndIncrement() == 0) {
      LOG.error(
          "changelog {}: the broker does not take record {}, and perhaps others: {}; raise"
              + " max.message.bytes of topic {}",
          config.name(),
          name,
          problem.getMessage(),
          config.topic());
    }
  }

  private void failed(Exception cause) {
    topic.forget();
    if (!(cause instanceof RetriableException) && !(cause instanceof TimeoutException)) {
      retire(Duration.ZERO);
    }
  }

  private Producer<byte[], byte @Nullable []> producer() {
    if (producer == null) {
      producer = new KafkaProducer<>(settings.changelogProducer(config.name(), maxMessageBytes));
    }
    return producer;
  }

  private void retire(Duration patience) {
    if (producer != null) {
      producer.close(patience);
      producer = null;
    }
  }

  /** To be called when nobody tells any more. */
  @Override
  public void close() {
    retire(CLOSE_TIMEOUT);
  }
}
