package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.endtoend.Deltas;
import io.millrace.server.endtoend.RecordReader;
import io.millrace.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P5 by exact count: deltas that append a number of their own, so that one that is lost, doubled or
 * out of order shows in the data, while nodes are killed, the broker restarts and partitions change
 * hands. {@code -Dlab.deltas=1000000} for all of it.
 */
final class CounterIT {
  private static final Logger LOG = LoggerFactory.getLogger(CounterIT.class);
  private static final int DELTAS = Integer.getInteger("lab.deltas", 20_000);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime() % 1_000_000);
  private static final String TOPIC = "counted";
  private static final int PARTITIONS = 64;
  private static final int NODES = 3;

  /** So that a record stays far from the largest that is allowed. */
  private static final int PER_RECORD = 4_000;

  private static final int RECORDS = Math.max(100, DELTAS / PER_RECORD);
  private static final int PER_SECOND = 5_000;

  /** A record that gets nothing for so long gets nothing more. */
  private static final Duration QUIET = Duration.ofSeconds(60);

  private static final String KAFKA =
      """
      kafka: { bootstrapServers: "%s", properties: { session.timeout.ms: 6000, heartbeat.interval.ms: 500 }, \
      sources: [{ name: counted, topics: [%s], record: "{key}", operation: json-patch }] }\
      """;

  @TempDir private Path directory;

  private final Random random = new Random(SEED);
  private final List<List<Integer>> appended = new ArrayList<>();
  private final List<Set<String>> twice = new ArrayList<>();
  private final Set<String> bad = new TreeSet<>();
  private int sent;

  @Test
  @Timeout(3600)
  void everyDeltaTakesEffectOnceAndInOrderWhateverBreaks() throws Exception {
    LOG.info("{} deltas, -Dchaos.seed={}", DELTAS, SEED);
    int port = EmbeddedKafka.freePort();
    Path log = directory.resolve("kafka");
    EmbeddedKafka kafka = EmbeddedKafka.start(log, port);
    try {
      kafka.createTopic(TOPIC, PARTITIONS);
      try (TestCluster cluster =
              TestCluster.of(NODES, directory)
                  .yaml(KAFKA.formatted(kafka.bootstrapServers(), TOPIC))
                  .start();
          Deltas host = new Deltas(kafka.bootstrapServers(), TOPIC)) {
        IntStream.range(0, RECORDS).forEach(i -> begin(host, i));
        int quarter = DELTAS / 4;
        Mischief mischief = new Mischief(cluster, new History(System::nanoTime));
        Thread sending = send(host, quarter);
        mischief.carryOut(new Schedule.Kill(random.nextInt(NODES), Duration.ofSeconds(2)));
        sending.join();
        sending = send(host, quarter);
        rebalance(kafka.bootstrapServers());
        sending.join();
        kafka.close();
        kafka = EmbeddedKafka.start(log, port);
        sending = send(host, quarter);
        mischief.carryOut(new Schedule.Kill(random.nextInt(NODES), Duration.ofSeconds(1)));
        rebalance(kafka.bootstrapServers());
        sending.join();
        send(host, DELTAS - 3 * quarter).join();
        host.confirm();
        judge(cluster);
        assertThat(new TreeSet<>(HostStream.deadLetters(kafka.bootstrapServers(), TOPIC)))
            .isEqualTo(bad);
      }
    } finally {
      kafka.close();
    }
  }

  private void begin(Deltas host, int record) {
    appended.add(new ArrayList<>());
    twice.add(new HashSet<>());
    host.send(
        name(record),
        "[{\"op\":\"add\",\"path\":\"/log\",\"value\":[]},{\"op\":\"add\",\"path\":\"/keys\",\"value\":{}}]");
  }

  private static String name(int record) {
    return "counted/" + record;
  }

  /** One in a hundred comes twice, one in a thousand cannot be applied. */
  private Thread send(Deltas host, int count) {
    return Thread.ofPlatform()
        .start(
            () -> {
              long begun = System.nanoTime();
              for (int i = 0; i < count; i++) {
                long due = begun + (long) (i * 1e9 / PER_SECOND);
                LockSupport.parkNanos(due - System.nanoTime());
                send(host);
              }
            });
  }

  private void send(Deltas host) {
    int record = random.nextInt(RECORDS);
    int number = sent++;
    if (number % 1_000 == 999) {
      String message = "{ not JSON " + number;
      bad.add(message);
      host.send(name(record), message);
    }
    if (number % 100 == 99) {
      // A Host that sends a message once more sends what may be repeated.
      String key = "n" + number;
      String message =
          "[{\"op\":\"add\",\"path\":\"/keys/%s\",\"value\":%d}]".formatted(key, number);
      twice.get(record).add(key);
      host.send(name(record), message);
      host.send(name(record), message);
    } else {
      appended.get(record).add(number);
      host.send(
          name(record), "[{\"op\":\"add\",\"path\":\"/log/-\",\"value\":%d}]".formatted(number));
    }
  }

  /** Another member joins the group, gets partitions and reads nothing, and leaves again. */
  private static void rebalance(String bootstrapServers) {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.GROUP_ID_CONFIG,
            "millrace-counted",
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
            CooperativeStickyAssignor.class.getName(),
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false");
    try (KafkaConsumer<byte[], byte[]> intruder =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      intruder.subscribe(List.of(TOPIC));
      await()
          .atMost(Duration.ofSeconds(180))
          .until(
              () -> {
                var unused = intruder.poll(Duration.ofMillis(50));
                intruder.pause(intruder.assignment());
                return !intruder.assignment().isEmpty();
              });
      LOG.info("{} partitions were taken away", intruder.assignment().size());
    }
  }

  private void judge(TestCluster cluster) {
    for (int node = 0; node < NODES; node++) {
      try (RecordReader reader = new RecordReader(cluster.uri(node))) {
        for (int record = 0; record < RECORDS; record++) {
          String name = name(record);
          int expected = appended.get(record).size() + twice.get(record).size();
          JsonNode data = awaitAll(reader, name, expected);
          List<Integer> log = new ArrayList<>();
          data.path("log").forEach(each -> log.add(each.asInt()));
          String where = "%s on node %d, -Dchaos.seed=%d".formatted(name, node, SEED);
          assertThat(log).as(where).isEqualTo(appended.get(record));
          Set<String> keys = new HashSet<>();
          data.path("keys").fieldNames().forEachRemaining(keys::add);
          assertThat(keys).as(where).isEqualTo(twice.get(record));
        }
      }
    }
    LOG.info(
        "{} deltas of {} records, none lost, none doubled, all in order; {} were bad",
        sent,
        RECORDS,
        bad.size());
  }

  /** Gives up when nothing more comes: then the comparison says what is missing. */
  private static JsonNode awaitAll(RecordReader reader, String name, int expected) {
    long end = System.nanoTime() + QUIET.toNanos();
    int known = -1;
    while (true) {
      JsonNode data = reader.read(name).data();
      int now = data.path("log").size() + data.path("keys").size();
      if (now > known) {
        known = now;
        end = System.nanoTime() + QUIET.toNanos();
      }
      if (now >= expected || System.nanoTime() > end) {
        return data;
      }
      LockSupport.parkNanos(100_000_000);
    }
  }
}
