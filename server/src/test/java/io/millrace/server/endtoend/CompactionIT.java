package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics that a real broker's cleaner has been at: out of date and removed is gone, for good. */
@Timeout(90)
final class CompactionIT {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int PARTITIONS = 2;

  /** They are changed until the cleaner has seen to all others: the last segment is not cleaned. */
  private static final List<String> FILLERS =
      IntStream.range(0, 8).mapToObj(i -> "filler/" + i).toList();

  private static EmbeddedKafka kafka;

  @BeforeAll
  static void startKafka() throws Exception {
    kafka = EmbeddedKafka.start();
    try (Admin admin = admin()) {
      AlterConfigOp soon =
          new AlterConfigOp(
              new ConfigEntry("log.cleaner.backoff.ms", "50"), AlterConfigOp.OpType.SET);
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.BROKER, ""), List.of(soon)))
          .all()
          .get();
    }
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void aFreshServerIsWarmedFromWhatTheCleanerHasLeft() throws Exception {
    createCompacted("states");
    TestServer.Builder node =
        TestServer.with()
            .kafka(
                "{ bootstrapServers: \"%s\", changelog: [{ name: w, topic: states, warmStart: true }] }"
                    .formatted(kafka.bootstrapServers()));
    List<String> names = names("seat/", 20);
    List<String> removed = names.subList(15, 19);
    String madeAnew = names.get(19);
    Map<String, RecordReader.State> before;
    long lifeBefore;
    try (TestServer server = ready(node);
        ScriptedClient client = server.client(LONG);
        RecordReader reader = new RecordReader(server.uri())) {
      for (int round = 1; round <= 4; round++) {
        for (String name : names) {
          write(client, name, round);
        }
        await().atMost(LONG).until(() -> server.metric("millrace_changelog_waiting") == 0);
      }
      lifeBefore = number(newest("states"), removed.getFirst(), "millrace.incarnation");
      removed.forEach(name -> remove(client, name));
      remove(client, madeAnew);
      write(client, madeAnew, 9);
      int[] round = {0};
      cleaned(
          "states",
          Set.copyOf(removed),
          () -> {
            round[0]++;
            FILLERS.forEach(name -> write(client, name, round[0]));
          });
      before = states(reader, names);
      before.putAll(states(reader, FILLERS));
    }
    List<ConsumerRecord<String, String>> left = messages("states");
    assertThat(left).noneMatch(message -> removed.contains(message.key()));
    assertThat(left).filteredOn(message -> names.contains(message.key())).hasSize(16);
    assertThat(hasHoles("states")).isTrue();
    Map<String, ConsumerRecord<String, String>> was = newest("states");

    try (TestServer server = ready(node);
        ScriptedClient client = server.client(LONG);
        RecordReader reader = new RecordReader(server.uri())) {
      Map<String, RecordReader.State> warmed = states(reader, names);
      warmed.putAll(states(reader, FILLERS));
      assertThat(warmed).isEqualTo(before);
      for (String name : removed) {
        assertThat(reader.version(name)).isEqualTo(RecordReader.MISSING);
      }
      assertThat(server.metric("millrace_changelog_sent_total")).isZero();

      for (String name : List.of("seat/0", madeAnew, "seat/15")) {
        write(client, name, 100);
      }
      await().atMost(LONG).until(() -> server.metric("millrace_changelog_sent_total") == 3);
      Map<String, ConsumerRecord<String, String>> is = newest("states");
      for (String name : List.of("seat/0", madeAnew)) {
        assertThat(number(is, name, "millrace.version"))
            .isEqualTo(number(was, name, "millrace.version") + 1);
        assertThat(number(is, name, "millrace.incarnation"))
            .isEqualTo(number(was, name, "millrace.incarnation"));
      }
      assertThat(number(is, "seat/15", "millrace.version")).isEqualTo(1);
      assertThat(number(is, "seat/15", "millrace.incarnation")).isGreaterThan(lifeBefore);
      assertThat(reader.version("seat/0")).isEqualTo(5);
    }
  }

  @Test
  void aSourceIsNotHeldUpByWhatTheCleanerTakesAway(@TempDir Path data) throws Exception {
    createCompacted("host");
    String source = "{ name: host, topics: [host], record: \"{key}\" %s }";
    String plain = source.formatted("");
    String counted = source.formatted(", sequence: \"{header.number}\"");
    List<String> names = names("seat/", 25);
    List<String> removed = names("gone/", 5);
    try (Host host = new Host()) {
      Map<Integer, Long> stoppedAt;
      try (TestServer server = ready(node(counted).sqlite(data.resolve("host.db")));
          RecordReader reader = new RecordReader(server.uri())) {
        for (int round = 1; round <= 4; round++) {
          host.say(names, "{\"n\":" + round + "}");
          host.say(removed, round == 4 ? null : "{\"n\":" + round + "}");
        }
        await().atMost(LONG).until(() -> isApplied(server, host.said));
        cleaned(
            "host",
            Set.copyOf(removed),
            () -> {
              host.say(FILLERS, "{}");
              await().atMost(LONG).until(() -> isApplied(server, host.said));
            });
        assertThat(hasHoles("host")).isTrue();
        host.say(names, "{\"n\":5}");
        isDoneWith(server, host.said);
        assertThat(server.metric("millrace_ingest_missing_total")).isZero();
        assertThat(server.metric("millrace_ingest_late_total")).isZero();
        assertThat(names).allMatch(name -> reader.version(name) == 5);
        assertThat(removed).allMatch(name -> reader.version(name) == RecordReader.MISSING);
        stoppedAt = ends("host");
      }
      host.say(names, "{\"n\":6}");
      host.say(names, "{\"n\":7}");
      cleaned("host", Set.of(), () -> host.say(FILLERS, "{}"));
      List<ConsumerRecord<String, String>> left = messages("host");
      assertThat(left)
          .noneMatch(
              message -> message.offset() == stoppedAt.getOrDefault(message.partition(), -1L));

      try (TestServer server = ready(node(plain).sqlite(data.resolve("host.db")));
          RecordReader reader = new RecordReader(server.uri())) {
        await().atMost(LONG).until(() -> names.stream().allMatch(name -> isAt(reader, name, 7)));
        hasLostNothing(server);
        assertThat(names).allMatch(name -> reader.version(name) == 6);
        assertThat(removed).allMatch(name -> reader.version(name) == RecordReader.MISSING);
      }
      try (TestServer server = ready(node(plain).sqlite(data.resolve("host.db")))) {
        host.say(names, "{\"n\":8}");
        // Nothing of what is behind the holes is read once more.
        isDoneWith(server, names.size());
      }
      try (TestServer server = ready(node(plain));
          RecordReader reader = new RecordReader(server.uri())) {
        await().atMost(LONG).until(() -> names.stream().allMatch(name -> isAt(reader, name, 8)));
        hasLostNothing(server);
        assertThat(removed).allMatch(name -> reader.version(name) == RecordReader.MISSING);
      }
    }
  }

  /** These were read and nothing else was, and all is done with. */
  private static void isDoneWith(TestServer server, long messages) {
    await().atMost(LONG).until(() -> isApplied(server, messages));
    hasLostNothing(server);
    assertThat(server.metric("millrace_ingest_read_total")).isEqualTo(messages);
  }

  /** All that was read was applied, once, and no message is waited for that is not there. */
  private static void hasLostNothing(TestServer server) {
    await().atMost(LONG).until(() -> server.metric("millrace_ingest_lag") == 0);
    await()
        .atMost(LONG)
        .until(
            () ->
                server.metric("millrace_ingest_applied_total")
                    == server.metric("millrace_ingest_read_total"));
    assertThat(server.metric("millrace_ingest_dead_total")).isZero();
    assertThat(server.metric("millrace_ingest_failed_total")).isZero();
  }

  private static boolean isApplied(TestServer server, long messages) {
    return server.metric("millrace_ingest_applied_total") >= messages;
  }

  private static boolean isAt(RecordReader reader, String name, int n) {
    return reader.read(name).data().path("n").asInt() == n;
  }

  private static TestServer.Builder node(String source) {
    return TestServer.with().kafka(kafka.bootstrapServers(), source);
  }

  private static TestServer ready(TestServer.Builder node) {
    TestServer server = node.start();
    await().atMost(LONG).until(server::isReady);
    return server;
  }

  private static Map<String, RecordReader.State> states(RecordReader reader, List<String> names) {
    Map<String, RecordReader.State> states = new TreeMap<>();
    names.forEach(name -> states.put(name, reader.read(name)));
    return states;
  }

  private static List<String> names(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private static void write(ScriptedClient client, String name, int n) {
    client.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE,
            new RecordName(name),
            -1,
            new JsonText("{\"n\":" + n + "}"),
            new WriteAckRequest(true, name + n)));
    client.await(RecordPush.WriteAcknowledgement.class);
  }

  private static void remove(ScriptedClient client, String name) {
    client.send(new RecordRequest.Delete(new RecordName(name), name));
    client.await(RecordPush.DeleteSuccess.class);
  }

  private static void createCompacted(String topic) throws Exception {
    try (Admin admin = admin()) {
      NewTopic wanted =
          new NewTopic(topic, PARTITIONS, (short) 1)
              .configs(
                  Map.of(
                      "cleanup.policy", "compact",
                      "segment.ms", "100",
                      "segment.bytes", "1048576",
                      "min.cleanable.dirty.ratio", "0.01",
                      "min.compaction.lag.ms", "0",
                      "delete.retention.ms", "100",
                      "file.delete.delay.ms", "100"));
      admin.createTopics(List.of(wanted)).all().get();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  /**
   * Goes on changing until all others are in the topic once, and these removed ones not at all: the
   * last segment is never cleaned, and a tombstone goes the second time that it is come across.
   */
  private static void cleaned(String topic, Set<String> removed, Runnable changeFillers) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(150))
        .until(
            () -> {
              changeFillers.run();
              List<String> keys =
                  messages(topic).stream()
                      .map(ConsumerRecord::key)
                      .filter(key -> !FILLERS.contains(key))
                      .toList();
              return keys.size() == Set.copyOf(keys).size()
                  && keys.stream().noneMatch(removed::contains);
            });
  }

  /** Whether offsets are left out, in each partition, between messages that are there. */
  private static boolean hasHoles(String topic) {
    Map<Integer, List<Long>> offsets =
        messages(topic).stream()
            .collect(
                Collectors.groupingBy(
                    ConsumerRecord::partition,
                    Collectors.mapping(ConsumerRecord::offset, Collectors.toList())));
    return offsets.size() == PARTITIONS
        && offsets.values().stream()
            .allMatch(each -> each.getLast() - each.getFirst() >= each.size());
  }

  private static Map<Integer, Long> ends(String topic) {
    return messages(topic).stream()
        .collect(
            Collectors.toMap(
                ConsumerRecord::partition, message -> message.offset() + 1, Math::max));
  }

  private static Map<String, ConsumerRecord<String, String>> newest(String topic) {
    Map<String, ConsumerRecord<String, String>> newest = new TreeMap<>();
    messages(topic).forEach(message -> newest.put(message.key(), message));
    return newest;
  }

  private static List<ConsumerRecord<String, String>> messages(String topic) {
    return Topic.messages(kafka.bootstrapServers(), topic);
  }

  private static long number(
      Map<String, ConsumerRecord<String, String>> from, String name, String header) {
    ConsumerRecord<String, String> message = Objects.requireNonNull(from.get(name), name);
    return Long.parseLong(new String(message.headers().lastHeader(header).value(), UTF_8));
  }

  /** Numbers its messages in each partition, as the broker does. */
  private static final class Host implements AutoCloseable {
    private final Deltas deltas = new Deltas(kafka.bootstrapServers(), "host");
    private final Map<Integer, Long> numbers = new HashMap<>();
    int said;

    void say(List<String> names, @Nullable String value) {
      for (String name : names) {
        int partition = BuiltInPartitioner.partitionForKey(name.getBytes(UTF_8), PARTITIONS);
        deltas.send(name, value, "number", "" + numbers.merge(partition, 1L, Long::sum));
      }
      deltas.confirm();
      said += names.size();
    }

    @Override
    public void close() {
      deltas.close();
    }
  }
}
