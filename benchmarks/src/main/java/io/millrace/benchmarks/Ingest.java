package io.millrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadClients.Lane;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.Target;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Patches of one key of many records, from a topic. The server counts what it has applied; what it
 * has not applied some time after the last one was sent is lost.
 */
final class Ingest implements AutoCloseable {
  static final String TOPIC = "bench-deltas";
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String SENT_AT = "{\"t\":";

  private final Settings settings;
  private final Target target;
  private final String bootstrapServers;
  private final HttpClient http = HttpClient.newHttpClient();
  private final KafkaProducer<byte[], byte[]> producer;
  private final Problems problems = new Problems();
  private final byte[] filler;

  /**
   * What to do.
   *
   * @param rate per second; 0 for as fast as can be
   */
  record Settings(int deltas, int records, int partitions, int length, int rate, int followed) {}

  /**
   * What came of it.
   *
   * @param bareConsumerMicros the CPU time per message of a consumer that only parses it
   * @param latencyMillis from before a delta is given to the producer to the client's callback
   */
  record Result(
      String scenario,
      Settings settings,
      long applied,
      long deltasPerSecond,
      Cost cpuMicrosPerDelta,
      @Nullable Double bareConsumerMicros,
      @Nullable Percentiles latencyMillis,
      long notApplied,
      long problems,
      List<String> firstProblems,
      Circumstances circumstances)
      implements Rounds.Measured {

    @Override
    public boolean good() {
      return notApplied == 0 && problems == 0;
    }

    @Override
    public @Nullable Double cpuMicros() {
      return cpuMicrosPerDelta.server();
    }
  }

  Ingest(Settings settings, Target target, String bootstrapServers) {
    this.settings = settings;
    this.target = target;
    this.bootstrapServers = bootstrapServers;
    this.filler = "x".repeat(settings.length()).getBytes(UTF_8);
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "linger.ms",
                settings.rate() == 0 ? "20" : "1",
                "batch.size",
                "131072",
                "acks",
                "1"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** What a server needs to take part. */
  static String config(String bootstrapServers) {
    return """
    kafka:
      bootstrapServers: "%s"
      sources:
        - { name: bench, topics: [%s], record: "{key}", operation: patch, path: state, data: payload }
    """
        .formatted(bootstrapServers, TOPIC);
  }

  /** Runs one round. */
  Result run() {
    if (settings.rate() == 0) {
      return run(null);
    }
    try (LoadClients clients = new LoadClients(target.host(), target.port(), target.path())) {
      Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
      LoadClient client =
          clients.open(Lane.READERS, 1, i -> new Callback(latencies, problems)).getFirst();
      List<RecordName> names =
          IntStream.range(0, settings.followed())
              .mapToObj(i -> new RecordName("bench/" + i))
              .toList();
      client.send(new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "1"));
      return run(latencies);
    }
  }

  private Result run(@Nullable Histogram latencies) {
    long before = applied();
    long startNs = System.nanoTime();
    Cost.Mark from = Cost.Mark.now(target);
    send();
    long done = await(before + settings.deltas()) - before;
    Cost.Mark to = Cost.Mark.now(target);
    long tookNs = System.nanoTime() - startNs;
    return new Result(
        "ingest",
        settings,
        done,
        Math.round(done * 1e9 / tookNs),
        from.until(to, done),
        latencies == null ? bareConsumer() : null,
        latencies == null ? null : Percentiles.of(latencies),
        settings.deltas() - done,
        problems.count(),
        problems.first(),
        Circumstances.now());
  }

  private void send() {
    long startNs = System.nanoTime();
    for (int i = 0; i < settings.deltas(); i++) {
      if (settings.rate() > 0) {
        long due = startNs + Math.round(i * 1e9 / settings.rate());
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
          LockSupport.parkNanos(due - now);
        }
      }
      byte[] key = ("bench/" + (i % settings.records())).getBytes(UTF_8);
      var unused =
          producer.send(
              new ProducerRecord<>(TOPIC, key, value()),
              (metadata, failure) -> {
                if (failure != null) {
                  problems.add("a delta was not sent: " + failure);
                }
              });
    }
    producer.flush();
  }

  private byte[] value() {
    byte[] value = (SENT_AT + System.nanoTime() + ",\"f\":\"").getBytes(UTF_8);
    byte[] all = java.util.Arrays.copyOf(value, settings.length());
    System.arraycopy(filler, 0, all, value.length, settings.length() - value.length - 2);
    all[settings.length() - 2] = '"';
    all[settings.length() - 1] = '}';
    return all;
  }

  private long await(long expected) {
    long end = System.nanoTime() + GRACE.toNanos();
    long now = applied();
    while (now < expected && System.nanoTime() < end) {
      LockSupport.parkNanos(50_000_000);
      now = applied();
    }
    return now;
  }

  private long applied() {
    try {
      String metrics =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://" + target.host() + ":" + target.port() + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return metrics
          .lines()
          .filter(line -> line.startsWith("millrace_ingest_applied_total"))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  /** Reads what this round has sent once more, with nothing else than Kafka and Jackson. */
  private double bareConsumer() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    JsonMapper json = JsonMapper.builder().build();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            new HashMap<>(properties), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          IntStream.range(0, settings.partitions())
              .mapToObj(i -> new TopicPartition(TOPIC, i))
              .toList();
      consumer.assign(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      long total = ends.values().stream().mapToLong(Long::longValue).sum();
      long share = settings.deltas();
      for (TopicPartition each : all) {
        long end = ends.getOrDefault(each, 0L);
        consumer.seek(each, Math.max(0, end - share * end / Math.max(1, total)));
      }
      long cpu = threads.getCurrentThreadCpuTime();
      long count = 0;
      while (all.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
          JsonNode parsed = json.readTree(each.value());
          count += parsed.size() > 0 ? 1 : 0;
        }
      }
      return Math.round((threads.getCurrentThreadCpuTime() - cpu) / 10.0 / Math.max(1, count))
          / 100.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }

  /** Takes the time of what arrives. On the readers' thread. */
  private record Callback(Histogram latencies, Problems problems) implements LoadClient.Listener {
    @Override
    public void received(ServerMessage message) {
      switch (message) {
        case RecordPush.Patch patch -> took(patch.data());
        case RecordPush.Update update -> problems.add("a client was sent a whole state");
        default -> {}
      }
    }

    private void took(@Nullable JsonText data) {
      if (data != null && data.text().startsWith(SENT_AT)) {
        String text = data.text();
        long sentNs = Long.parseLong(text.substring(SENT_AT.length(), text.indexOf(',')));
        latencies.recordValue(Math.max(0, System.nanoTime() - sentNs));
      }
    }

    @Override
    public void lost(String reason) {
      problems.add("the client: " + reason);
    }
  }
}
