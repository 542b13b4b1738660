package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.StartFrom;
import io.millrace.server.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** One topic of a broker: a producer for it, ingests that read it, and what they need. */
final class IngestFixture implements AutoCloseable {
  private final String bootstrapServers;
  final String topic;
  final FakeSink sink = new FakeSink();
  final InMemoryProgressStore progress = new InMemoryProgressStore();
  final Map<String, String> properties =
      new HashMap<>(
          // Nobody dies here: whoever goes says so, and nobody is to be given up for a stall.
          Map.of(
              ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "30000",
              ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "200"));
  final AtomicLong bytesRead = new AtomicLong();
  StartFrom startFrom = StartFrom.EARLIEST;
  DataSize maxInFlight = new DataSize(4 << 20);

  private final KafkaProducer<byte[], byte[]> producer;
  private final List<KafkaIngest> ingests = new ArrayList<>();

  IngestFixture(String bootstrapServers, String topic) {
    this.bootstrapServers = bootstrapServers;
    this.topic = topic;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Keys name records, payloads are their data. */
  KafkaConfig config() {
    KafkaConfig.Source source =
        new KafkaConfig.Source(
            topic,
            List.of(topic),
            null,
            KafkaConfig.Envelope.NONE,
            null,
            List.of(),
            "{key}",
            "set",
            null,
            null,
            null,
            startFrom,
            null,
            maxInFlight,
            KafkaConfig.Format.JSON,
            KafkaConfig.Format.TEXT,
            KafkaConfig.JsonRules.LOSSLESS);
    return new KafkaConfig(bootstrapServers, properties, List.of(source));
  }

  KafkaIngest startIngest() {
    KafkaIngest ingest =
        new KafkaIngest(
            config(),
            "millrace",
            sink,
            progress,
            new IngestMetrics() {
              @Override
              public void read(String name, int messages, long bytes) {
                bytesRead.addAndGet(bytes);
              }
            },
            Tracing.OFF);
    ingest.start();
    ingests.add(ingest);
    return ingest;
  }

  void stop(KafkaIngest ingest) {
    ingests.remove(ingest);
    ingest.close();
  }

  Future<?> produce(String key, String payload) {
    return producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), payload.getBytes(UTF_8)));
  }

  /** Produces {@code {"n":from}} to {@code {"n":to-1}} for each of the keys, and waits for acks. */
  void produce(int from, int to, String... keys) {
    List<Future<?>> acks = new ArrayList<>();
    for (int n = from; n < to; n++) {
      for (String key : keys) {
        acks.add(produce(key, "{\"n\":" + n + "}"));
      }
    }
    try {
      for (Future<?> ack : acks) {
        Object unused = ack.get(120, TimeUnit.SECONDS);
      }
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /** The first {@code count} messages of partition 0 of {@code from}. */
  List<ConsumerRecord<String, String>> read(String from, int count) {
    List<ConsumerRecord<String, String>> found = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(from, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (found.size() < count && System.nanoTime() - deadline < 0) {
        consumer.poll(Duration.ofMillis(100)).forEach(found::add);
      }
    }
    return found;
  }

  String group() {
    return "millrace-" + topic;
  }

  @Override
  public void close() {
    sink.release();
    List.copyOf(ingests).forEach(this::stop);
    producer.close(Duration.ZERO);
  }
}
