package io.millrace.server.grid;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.kafka.IngestMetrics;
import io.millrace.server.kafka.KafkaIngest;
import io.millrace.server.kafka.KeptProgress;
import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.record.LogProgress;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.Records;
import io.millrace.server.record.StorageException;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoops;
import io.millrace.testkit.EmbeddedKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Records that a topic creates and deletes, on a node without storage. */
@Timeout(300)
final class KafkaPurgeIT {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static EmbeddedKafka kafka;

  private final RealLoop loop = new RealLoop();
  private final List<KafkaIngest> ingests = new ArrayList<>();
  private final AtomicInteger applied = new AtomicInteger();
  private final AtomicInteger replayed = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private String topic = "";
  private MillraceConfig config;
  private Grid grid;
  private RecordStore store;
  private Records records;
  private Held progress;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  /** Progress in the grid, whose saving can be held up. */
  private static final class Held implements ProgressStore {
    private final ProgressStore kept;
    private volatile boolean held;

    Held(ProgressStore kept) {
      this.kept = kept;
    }

    @Override
    public Map<String, Long> load(Collection<String> partitions) {
      return kept.load(partitions);
    }

    @Override
    public void save(Map<String, Long> nextOffsets) {
      if (held && nextOffsets.keySet().stream().noneMatch(key -> key.startsWith("topic/"))) {
        throw new StorageException("held for the test", null);
      }
      kept.save(nextOffsets);
    }
  }

  @BeforeEach
  void start(TestInfo test) {
    topic = test.getTestMethod().orElseThrow().getName();
    kafka.createTopic(topic, 1);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    config =
        ConfigLoader.parse(
            """
            server: { name: purge-it }
            storage: { type: none }
            kafka:
              bootstrapServers: "%s"
              sources: [{ name: host, topics: [%s], record: "{key}" }]
            """
                .formatted(kafka.bootstrapServers(), topic));
    List<Records> follower = new ArrayList<>();
    grid =
        Grid.start(
            config,
            null,
            new FakeFollower(change -> follower.get(0).changed("", change)),
            new Unobserved());
    store = grid.store(loop);
    records =
        new Records(
            grid.node(),
            new EventLoops(List.of(loop)),
            new CountedMessages(),
            (delivered, conflated) -> {},
            (compared, different) -> {},
            List.of(),
            unused -> store,
            InterestObserver.NONE,
            Tracing.OFF);
    follower.add(records);
    progress = new Held(new GridProgressStore(grid));
    LogProgress kept = new KeptProgress(config.kafka(), progress);
    grid.forgetRemoved(
        logs -> {
          looks.incrementAndGet();
          return kept.next(logs);
        },
        PurgeIT.pace(Duration.ofMillis(100)));
  }

  @AfterEach
  void stop() {
    ingests.forEach(KafkaIngest::close);
    producer.close(Duration.ZERO);
    grid.close();
    loop.close();
  }

  private KafkaIngest ingest() {
    KafkaIngest ingest =
        new KafkaIngest(
            config.kafka(),
            "millrace",
            grid.deltas(records::apply),
            progress,
            new IngestMetrics() {
              @Override
              public void applied(String source, Duration took) {
                applied.incrementAndGet();
              }

              @Override
              public void replayed(String source) {
                replayed.incrementAndGet();
              }
            },
            Tracing.OFF);
    ingest.start();
    ingests.add(ingest);
    return ingest;
  }

  /** A record becomes that, or is deleted. */
  private void send(String record, @Nullable String data) {
    var unused =
        producer.send(
            new ProducerRecord<>(
                topic, record.getBytes(UTF_8), data == null ? null : data.getBytes(UTF_8)));
  }

  private RecordSnapshot read(String name) throws Exception {
    CompletableFuture<RecordSnapshot> done = new CompletableFuture<>();
    loop.execute(
        () ->
            Continuation.of(
                store.read(new RecordName(name)),
                (state, failure) -> {
                  if (failure == null) {
                    done.complete(state);
                  } else {
                    done.completeExceptionally(failure);
                  }
                }));
    return done.get(90, TimeUnit.SECONDS);
  }

  @Test
  void whatDeltasCreateAndDeleteLeavesNothingBehind() throws Exception {
    ingest();
    send("0", "{\"n\":1}");
    producer.flush();
    await().atMost(LONG).until(() -> applied.get() == 1);
    RecordSnapshot before = read("0");
    for (int i = 0; i < 500; i++) {
      send("" + i, "{\"n\":2}");
      send("" + i, null);
    }
    producer.flush();

    await().atMost(LONG).until(() -> applied.get() == 1001);
    await().atMost(LONG).until(() -> grid.held() == 0);

    send("0", "{\"n\":3}");
    await().atMost(LONG).until(() -> applied.get() == 1002);
    RecordSnapshot now = read("0");
    assertThat(now.data()).isEqualTo(new JsonText("{\"n\":3}"));
    assertThat(now.incarnation()).isGreaterThan(before.incarnation());
    // Whoever goes on now begins behind all of it.
    ingests.removeFirst().close();
    KafkaIngest next = ingest();
    send("last", "{}");
    await().atMost(LONG).until(() -> applied.get() == 1003);
    assertThat(next.assigned()).isTrue();
    assertThat(replayed).hasValue(0);
    assertThat(grid.held()).isEqualTo(2);
  }

  @Test
  void whileProgressIsNotKeptNothingIsForgottenAndNoDeltaRevivesARecord() throws Exception {
    progress.held = true;
    ingest();
    send("a", "{\"n\":1}");
    send("a", null);
    producer.flush();
    await().atMost(LONG).until(() -> applied.get() == 2);
    int before = looks.get();
    await().atMost(LONG).until(() -> looks.get() > before + 20);
    assertThat(grid.held()).isEqualTo(1);

    ingests.removeFirst().close();
    ingest();
    await().atMost(LONG).until(() -> replayed.get() == 2);
    assertThat(applied).hasValue(2);
    assertThat(read("a").exists()).isFalse();

    progress.held = false;
    await().atMost(LONG).until(() -> grid.held() == 0);
  }
}
