package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.server.config.KafkaConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes messages that can never be applied to their source's dead-letter topic: as they came, with
 * headers that say why and where from. At least once: after a failure nobody knows, so it is done
 * again. All clients belong to one thread, because creating topics and sending may block; they are
 * made for the first letter and replaced after a failure.
 */
final class DeadLetters implements AutoCloseable {
  static final String REASON = "millrace.reason";
  static final String SOURCE = "millrace.source";
  static final String SOURCE_NAME = "millrace.source.name";
  static final String FAILED_AT = "millrace.failed-at";
  static final String TRUNCATED = "millrace.truncated";

  private static final int MAX_REASON_LENGTH = 1000;
  private static final int TRUNCATED_BYTES = 1024;
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

  private final ClientSettings settings;
  private final Clock clock;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("kafka-dead-letters").factory());
  private final Set<String> knownTopics = new HashSet<>();
  private @Nullable Producer<byte[], byte[]> producer;

  DeadLetters(ClientSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Completes when the broker has the letter; fails if it has to be sent again. Any thread. */
  CompletableFuture<Void> send(
      KafkaConfig.Source source, ConsumerRecord<byte[], byte[]> message, String reason) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    run(sent, () -> send(letter(source, message, reason), sent));
    return sent;
  }

  private ProducerRecord<byte[], byte[]> letter(
      KafkaConfig.Source source, ConsumerRecord<byte[], byte[]> message, String reason) {
    // No timestamp of its own: with the old one, retention might take it at once.
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            source.deadLettersOf(message.topic()), null, message.key(), message.value());
    Headers headers = letter.headers();
    message.headers().forEach(headers::add);
    put(headers, REASON, reason.substring(0, Math.min(MAX_REASON_LENGTH, reason.length())));
    put(headers, SOURCE, message.topic() + "/" + message.partition() + "/" + message.offset());
    put(headers, SOURCE_NAME, source.name());
    put(headers, FAILED_AT, clock.instant().toString());
    return letter;
  }

  /** Replaces: the message may have been a dead letter before. */
  private static void put(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(UTF_8));
  }

  private void send(ProducerRecord<byte[], byte[]> letter, CompletableFuture<Void> sent)
      throws InterruptedException, ExecutionException {
    ensureTopic(letter.topic());
    Future<?> unused =
        producer()
            .send(
                letter,
                (metadata, failure) -> {
                  if (failure == null) {
                    sent.complete(null);
                  } else {
                    run(sent, () -> sendAgainOrFail(letter, failure, sent));
                  }
                });
  }

  private void sendAgainOrFail(
      ProducerRecord<byte[], byte[]> letter, Exception failure, CompletableFuture<Void> sent)
      throws InterruptedException, ExecutionException {
    if (failure instanceof RecordTooLargeException
        && letter.headers().lastHeader(TRUNCATED) == null) {
      send(truncated(letter), sent);
      return;
    }
    retireProducer();
    sent.completeExceptionally(failure);
  }

  /** What surely fits: our headers, and the beginning of key and value. */
  private static ProducerRecord<byte[], byte[]> truncated(ProducerRecord<byte[], byte[]> letter) {
    ProducerRecord<byte[], byte[]> small =
        new ProducerRecord<>(
            letter.topic(), null, beginning(letter.key()), beginning(letter.value()));
    for (String name : List.of(REASON, SOURCE, SOURCE_NAME, FAILED_AT)) {
      small.headers().add(letter.headers().lastHeader(name));
    }
    put(
        small.headers(),
        TRUNCATED,
        "the message was too large: key and value are cut to %d bytes, its headers left out; the value had %d bytes"
            .formatted(TRUNCATED_BYTES, letter.value() == null ? 0 : letter.value().length));
    return small;
  }

  private static byte @Nullable [] beginning(byte @Nullable [] bytes) {
    return bytes == null || bytes.length <= TRUNCATED_BYTES
        ? bytes
        : Arrays.copyOf(bytes, TRUNCATED_BYTES);
  }

  private void ensureTopic(String topic) throws InterruptedException, ExecutionException {
    if (knownTopics.contains(topic)) {
      return;
    }
    Admin admin = Admin.create(settings.admin());
    try {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
          .all()
          .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      log.info("created dead-letter topic {}", topic);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer about dead-letter topic " + topic, e);
    } catch (ExecutionException e) {
      // Without the right to create it, it may still be there to be written to.
      if (!(e.getCause() instanceof TopicExistsException)
          && !(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
    } finally {
      // A plain close would wait for the answer that did not come.
      admin.close(Duration.ZERO);
    }
    knownTopics.add(topic);
  }

  private Producer<byte[], byte[]> producer() {
    if (producer == null) {
      producer = new KafkaProducer<>(settings.producer());
    }
    return producer;
  }

  /** Some failures leave a producer unusable for good, and a topic may be gone. */
  private void retireProducer() {
    knownTopics.clear();
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  private interface Step {
    void run() throws InterruptedException, ExecutionException;
  }

  /** Runs {@code step} on our thread; if it throws, {@code sent} fails. */
  private void run(CompletableFuture<Void> sent, Step step) {
    try {
      thread.execute(
          () -> {
            try {
              step.run();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              sent.completeExceptionally(e);
            } catch (ExecutionException | RuntimeException e) {
              retireProducer();
              sent.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException closed) {
      sent.completeExceptionally(closed);
    }
  }

  @Override
  public void close() {
    thread.execute(this::retireProducer);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
