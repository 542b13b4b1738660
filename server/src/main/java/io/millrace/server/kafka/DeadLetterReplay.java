package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.server.config.KafkaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters to the topics that they came from, once more and as they were. There they are
 * new messages behind all others. How far a dead-letter topic has been replayed is committed in the
 * broker, for a group of its own, so that the next replay goes on behind that. Blocks.
 */
public final class DeadLetterReplay {
  /** Marks a message that was a dead letter, with its place there. */
  static final String REPLAYED = "millrace.replayed";

  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Set<String> OURS =
      Set.of(
          DeadLetters.REASON,
          DeadLetters.SOURCE,
          DeadLetters.SOURCE_NAME,
          DeadLetters.FAILED_AT,
          DeadLetters.TRUNCATED);

  private final ClientSettings settings;

  /**
   * Which letters, and what to do with them.
   *
   * @param topic where they are
   * @param source only those of this source; null for all
   * @param reason only those whose reason contains this; null for all
   * @param again also those that an earlier replay has dealt with
   * @param dryRun whether nothing is to be sent or remembered
   */
  public record Request(
      String topic,
      @Nullable String source,
      @Nullable String reason,
      boolean again,
      boolean dryRun) {}

  /** What was done with one. */
  public enum Fate {
    REPLAYED,
    /** Not asked for. */
    LEFT,
    /** It was cut when it became a letter, or does not say where it came from. */
    IMPOSSIBLE
  }

  /** A letter for people. */
  public record Letter(String place, @Nullable String origin, @Nullable String reason, Fate fate) {}

  /** Hears of every letter. */
  public interface Listener {
    void letter(Letter letter);
  }

  /**
   * @throws IllegalArgumentException if the configuration names no broker, or makes no sense
   */
  public DeadLetterReplay(KafkaConfig config) {
    String bootstrapServers = config.bootstrapServers();
    if (bootstrapServers == null) {
      throw new IllegalArgumentException("kafka.bootstrapServers is not configured");
    }
    settings = new ClientSettings(bootstrapServers, config.properties());
  }

  /**
   * Replays the letters that are there now; those that come of it are left for the next time.
   *
   * @throws KafkaException if the broker cannot be reached, or does not take one; those before it
   *     are remembered as replayed
   */
  public Map<Fate, Integer> run(Request request, Listener listener) {
    Map<Fate, Integer> counts = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer(request));
        Producer<byte[], byte[]> producer = new KafkaProducer<>(settings.producer())) {
      Map<TopicPartition, Long> ends = place(consumer, request);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey(), TIMEOUT) < end.getValue())) {
        List<Future<?>> sent = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> letter : consumer.poll(POLL)) {
          if (letter.offset() >= ends.getOrDefault(partition(letter), 0L)) {
            continue;
          }
          Fate fate = fate(letter, request);
          if (fate == Fate.REPLAYED && !request.dryRun()) {
            sent.add(producer.send(original(letter)));
          }
          counts.merge(fate, 1, Integer::sum);
          listener.letter(
              new Letter(
                  place(letter),
                  header(letter, DeadLetters.SOURCE),
                  header(letter, DeadLetters.REASON),
                  fate));
        }
        await(sent);
        if (!request.dryRun()) {
          consumer.commitSync(positions(consumer, ends.keySet()), TIMEOUT);
        }
      }
    }
    return counts;
  }

  private Map<String, Object> consumer(Request request) {
    Map<String, Object> all = new HashMap<>(settings.client());
    all.put(ConsumerConfig.GROUP_ID_CONFIG, "millrace-replay-" + request.topic());
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return all;
  }

  /** Goes to where the replay begins, and says where it ends. */
  private static Map<TopicPartition, Long> place(
      KafkaConsumer<byte[], byte[]> consumer, Request request) {
    List<PartitionInfo> known = consumer.partitionsFor(request.topic(), TIMEOUT);
    if (known == null || known.isEmpty()) {
      throw new IllegalArgumentException("there is no topic " + request.topic());
    }
    List<TopicPartition> partitions =
        known.stream().map(each -> new TopicPartition(each.topic(), each.partition())).toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, TIMEOUT);
    Map<TopicPartition, OffsetAndMetadata> done =
        request.again()
            ? Map.of()
            : consumer.committed(Set.copyOf(partitions), TIMEOUT).entrySet().stream()
                .filter(each -> each.getValue() != null)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    for (TopicPartition each : partitions) {
      OffsetAndMetadata last = done.get(each);
      long begin = begins.getOrDefault(each, 0L);
      consumer.seek(each, last == null ? begin : Math.max(begin, last.offset()));
    }
    return consumer.endOffsets(partitions, TIMEOUT);
  }

  private static Fate fate(ConsumerRecord<byte[], byte[]> letter, Request request) {
    String reason = header(letter, DeadLetters.REASON);
    if (request.source() != null
        && !request.source().equals(header(letter, DeadLetters.SOURCE_NAME))) {
      return Fate.LEFT;
    }
    if (request.reason() != null && (reason == null || !reason.contains(request.reason()))) {
      return Fate.LEFT;
    }
    return origin(letter) == null || header(letter, DeadLetters.TRUNCATED) != null
        ? Fate.IMPOSSIBLE
        : Fate.REPLAYED;
  }

  /** The topic that the letter came from, null if it does not say. */
  private static @Nullable String origin(ConsumerRecord<byte[], byte[]> letter) {
    String source = header(letter, DeadLetters.SOURCE);
    int end = source == null ? -1 : source.indexOf('/');
    return source == null || end <= 0 ? null : source.substring(0, end);
  }

  private static ProducerRecord<byte[], byte[]> original(ConsumerRecord<byte[], byte[]> letter) {
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(origin(letter), null, letter.key(), letter.value());
    for (Header header : letter.headers()) {
      if (!OURS.contains(header.key())) {
        message.headers().add(header);
      }
    }
    message.headers().remove(REPLAYED);
    message.headers().add(REPLAYED, place(letter).getBytes(UTF_8));
    return message;
  }

  private static void await(List<Future<?>> sent) {
    try {
      for (Future<?> each : sent) {
        Object unused = each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    } catch (ExecutionException e) {
      throw new KafkaException("a letter could not be sent: " + e.getMessage(), e);
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> positions(
      KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) {
    return partitions.stream()
        .collect(
            Collectors.toMap(
                each -> each, each -> new OffsetAndMetadata(consumer.position(each, TIMEOUT))));
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> letter) {
    return new TopicPartition(letter.topic(), letter.partition());
  }

  private static String place(ConsumerRecord<byte[], byte[]> letter) {
    return letter.topic() + "/" + letter.partition() + "/" + letter.offset();
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }
}
