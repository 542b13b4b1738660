package io.millrace.server.endtoend.lab;

import io.millrace.server.endtoend.Deltas;
import io.millrace.server.endtoend.lab.History.Attempt;
import io.millrace.server.endtoend.lab.History.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * P5: a Host whose every delta sets a path of its own, so it must be there in the end, and have
 * made one version; now and then one that cannot be applied.
 */
final class HostStream implements AutoCloseable {
  static final String SOURCE =
      """
      { name: lab, topics: [%s], record: "{key}", operation: patch, path: "{payload.path}", \
      data: payload.value }\
      """;

  private static final long PAUSE_NS = 10_000_000;

  private final Deltas deltas;
  private final List<String> records;
  private final History history;
  private final Random random;
  private final List<Attempt> sent = new ArrayList<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("host").unstarted(this::produce);
  private final List<String> bad = new ArrayList<>();
  private volatile boolean done;

  HostStream(
      String bootstrapServers, String topic, List<String> records, History history, long seed) {
    this.deltas = new Deltas(bootstrapServers, topic);
    this.records = records;
    this.history = history;
    this.random = new Random(seed);
  }

  void begin() {
    thread.start();
  }

  private void produce() {
    while (!done) {
      String record = records.get(random.nextInt(records.size()));
      String value = "d" + sent.size();
      if (random.nextInt(50) == 0) {
        String message = "{ not JSON " + bad.size();
        bad.add(message);
        deltas.send(record, message);
      }
      sent.add(history.begin(record, value, value));
      deltas.send(record, "{\"path\":\"%s\",\"value\":\"%s\"}".formatted(value, value));
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  /** Sends nothing more; from now on all that was sent has to be there. */
  void finish() throws InterruptedException {
    done = true;
    thread.join();
    deltas.confirm();
    sent.forEach(attempt -> history.end(attempt, Result.ACKED));
  }

  int sent() {
    return sent.size();
  }

  /** Those of its messages that belong into the dead-letter topic, sorted. */
  List<String> bad() {
    return bad.stream().sorted().toList();
  }

  /** What is in the dead-letter topic, sorted; to be called when all has been read. */
  static List<String> deadLetters(String bootstrapServers, String topic) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic + ".dlq").stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<String> letters = new ArrayList<>();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(letter -> letters.add(letter.value()));
      }
      Collections.sort(letters);
      return letters;
    }
  }

  @Override
  public void close() {
    done = true;
    deltas.close();
  }
}
