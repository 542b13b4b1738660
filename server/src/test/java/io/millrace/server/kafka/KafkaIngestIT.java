package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig.StartFrom;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.LogPosition;
import io.millrace.testkit.EmbeddedKafka;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class KafkaIngestIT {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static EmbeddedKafka kafka;

  private IngestFixture fixture;
  private FakeSink sink;
  private InMemoryProgressStore progress;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @BeforeEach
  void createTopic(TestInfo test) {
    String topic = test.getTestMethod().orElseThrow().getName();
    kafka.createTopic(topic, 3);
    fixture = new IngestFixture(kafka.bootstrapServers(), topic);
    sink = fixture.sink;
    progress = fixture.progress;
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void deltasReachTheSinkInOrderPerRecord() {
    fixture.produce(0, 500, "a", "b", "c", "d", "e");

    fixture.startIngest();

    await().atMost(LONG).until(() -> sink.appliedCount() == 2500);
    for (String record : List.of("a", "b", "c", "d", "e")) {
      assertThat(numbers(record)).isEqualTo(upTo(500));
    }
    assertThat(sink.handedOver()).as("each handed over once").hasSize(2500);
    await().atMost(LONG).until(() -> progress.sum() == 2500);
  }

  @Test
  void failuresAreTriedAgainInOrderAndSkipNothing() {
    KafkaIngest ingest = fixture.startIngest();
    for (int round = 0; round < 5; round++) {
      sink.setFailing(true);
      int handedOver = sink.handedOver().size();
      fixture.produce(round * 100, round * 100 + 100, "a", "b", "c");
      await().atMost(LONG).until(() -> sink.handedOver().size() > handedOver);
      sink.setFailing(false);
    }

    await().atMost(LONG).until(() -> sink.appliedCount() == 1500);
    for (String record : List.of("a", "b", "c")) {
      assertThat(numbers(record)).isEqualTo(upTo(500));
    }
    assertThat(ingest.assigned()).isTrue();
  }

  @Test
  void everyDeltaTakesEffectOnceOverRestartsAndProgressNeverLeads() {
    Queue<LogPosition> leading = new ConcurrentLinkedQueue<>();
    progress.onSave(
        saved ->
            saved.forEach(
                (key, next) -> {
                  // group/topic/partition, of which a position is the last two
                  String partition = key.substring(key.indexOf('/') + 1);
                  LogPosition last = new LogPosition(fixture.topic + ":" + partition, next - 1);
                  if (next > 0 && !key.startsWith("topic/") && !sink.isApplied(last)) {
                    leading.add(last);
                  }
                }));
    for (int round = 0; round < 4; round++) {
      // Applied, but neither stored nor committed: as after a kill in between.
      progress.setBroken(false);
      KafkaIngest ingest = fixture.startIngest();
      await().atMost(LONG).until(ingest::assigned);
      progress.setBroken(true);
      fixture.produce(round * 100, round * 100 + 100, "a", "b", "c", "d");
      int expected = (round + 1) * 400;
      await().atMost(LONG).until(() -> sink.appliedCount() == expected);
      fixture.stop(ingest);
    }
    progress.setBroken(false);
    fixture.startIngest();

    await().atMost(LONG).until(() -> progress.sum() == 1600);
    for (String record : List.of("a", "b", "c", "d")) {
      assertThat(numbers(record)).isEqualTo(upTo(400));
    }
    assertThat(sink.handedOver()).as("replays were handed over").hasSizeGreaterThan(1600);
    assertThat(leading).isEmpty();
  }

  @Test
  void aStopWaitsForWhatIsUnderWayAndStoresIt() throws Exception {
    sink.hold();
    KafkaIngest ingest = fixture.startIngest();
    fixture.produce(0, 10, "a");
    await().atMost(LONG).until(() -> sink.handedOver().size() == 10);

    Thread closing = Thread.ofVirtual().start(() -> fixture.stop(ingest));
    await().atMost(LONG).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    sink.release();
    closing.join();

    assertThat(progress.sum()).isEqualTo(10);
    try (Admin admin = fixture.admin()) {
      assertThat(committed(admin)).isEqualTo(10);
    }
  }

  @Test
  void aSinkThatDoesNotAnswerStopsTheReadingAndNotTheMembership() throws Exception {
    String payload = "{\"text\":\"" + "x".repeat(1000) + "\"}";
    fixture.maxInFlight = new DataSize(100_000);
    fixture.properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, "5000");
    sink.hold();
    for (int i = 0; i < 3000; i++) {
      Future<?> unused = fixture.produce("k" + i % 7, payload);
    }
    KafkaIngest ingest = fixture.startIngest();
    int most = 100_000 / 1000;
    await().atMost(LONG).until(() -> sink.handedOver().size() >= most - 10);

    try (Admin admin = fixture.admin()) {
      String member = onlyMember(admin);
      // Longer than max.poll.interval.ms: a consumer that only waits would be thrown out.
      await()
          .during(Duration.ofSeconds(7))
          .atMost(LONG)
          .until(
              () ->
                  sink.handedOver().size() <= most
                      && ingest.assigned()
                      && onlyMember(admin).equals(member));
      assertThat(progress.sum()).isZero();
      // In flight, and for each of three partitions what one poll may have brought.
      assertThat(fixture.bytesRead).hasValueLessThan(4 * fixture.maxInFlight.bytes());

      sink.release();
      await().atMost(LONG).until(() -> sink.appliedCount() == 3000);
      assertThat(sink.handedOver()).as("nothing twice").hasSize(3000);
      assertThat(onlyMember(admin)).isEqualTo(member);
    }
  }

  @Test
  void aBadMessageBecomesADeadLetterAndTheNextGoOn() throws Exception {
    sink.refuse(delta -> delta.name().value().equals("refused"));
    fixture.produce("good", "{\"n\":0}").get();
    fixture.produce("bad", "no JSON").get();
    fixture.produce("refused", "{\"n\":0}").get();
    fixture.produce("good", "{\"n\":1}").get();

    fixture.startIngest();

    await().atMost(LONG).until(() -> progress.sum() == 4);
    assertThat(numbers("good")).isEqualTo(upTo(2));
    List<ConsumerRecord<String, String>> letters = fixture.read(fixture.topic + ".dlq", 2);
    assertThat(letters).hasSize(2);
    ConsumerRecord<String, String> bad =
        letters.stream().filter(letter -> letter.key().equals("bad")).findFirst().orElseThrow();
    assertThat(bad.value()).isEqualTo("no JSON");
    assertThat(header(bad, DeadLetters.REASON))
        .isEqualTo("payload is not one JSON value of at most 500 levels needed as data");
    assertThat(header(bad, DeadLetters.SOURCE)).matches(fixture.topic + "/[012]/[01]");
    assertThat(header(bad, DeadLetters.SOURCE_NAME)).isEqualTo(fixture.topic);
    assertThat(header(bad, DeadLetters.FAILED_AT)).matches("20\\d\\d-.*Z");
    ConsumerRecord<String, String> refused =
        letters.stream().filter(letter -> letter != bad).findFirst().orElseThrow();
    assertThat(header(refused, DeadLetters.REASON)).isEqualTo("refused for the test");
  }

  @Test
  void aDeadLetterThatIsTooLargeForItsTopicIsCut() throws Exception {
    String deadLetters = fixture.topic + ".dlq";
    try (Admin admin = fixture.admin()) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(deadLetters, 1, (short) 1)
                      .configs(Map.of("max.message.bytes", "3000"))))
          .all()
          .get();
    }
    fixture.produce("bad", "x".repeat(100_000)).get();

    fixture.startIngest();

    await().atMost(LONG).until(() -> progress.sum() == 1);
    ConsumerRecord<String, String> letter = fixture.read(deadLetters, 1).getFirst();
    assertThat(letter.key()).isEqualTo("bad");
    assertThat(letter.value()).isEqualTo("x".repeat(1024));
    assertThat(header(letter, DeadLetters.TRUNCATED)).contains("100000 bytes");
    assertThat(header(letter, DeadLetters.SOURCE)).isNotEmpty();
  }

  @Test
  void startsAtTheLatestIfToldSoAndContinuesThereLater() {
    fixture.startFrom = StartFrom.LATEST;
    fixture.produce(0, 10, "a");
    KafkaIngest ingest = fixture.startIngest();
    await().atMost(LONG).until(ingest::assigned);
    fixture.stop(ingest);

    // Nothing was read so far, but what comes now comes after the first start.
    fixture.produce(10, 20, "a");
    fixture.startIngest();

    await().atMost(LONG).until(() -> sink.appliedCount() == 10);
    assertThat(numbers("a")).isEqualTo(IntStream.range(10, 20).boxed().toList());
  }

  @Test
  void anEmptyStoreStartsAtTheEarliestWhateverTheGroupHasCommitted() throws Exception {
    fixture.produce(0, 10, "a");
    try (Admin admin = fixture.admin()) {
      admin
          .alterConsumerGroupOffsets(
              fixture.group(),
              Map.of(
                  new TopicPartition(fixture.topic, 0), new OffsetAndMetadata(10),
                  new TopicPartition(fixture.topic, 1), new OffsetAndMetadata(10),
                  new TopicPartition(fixture.topic, 2), new OffsetAndMetadata(10)))
          .all()
          .get();
    }

    fixture.startIngest();

    await().atMost(LONG).until(() -> sink.appliedCount() == 10);
  }

  @Test
  void aStoredOffsetThatHasExpiredMeansTheEarliest() throws Exception {
    fixture.produce(0, 10, "a");
    KafkaIngest ingest = fixture.startIngest();
    await().atMost(LONG).until(() -> progress.sum() == 10);
    fixture.stop(ingest);
    fixture.produce(10, 20, "a");
    try (Admin admin = fixture.admin()) {
      int partition = partitionOf("a");
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(fixture.topic, partition), RecordsToDelete.beforeOffset(15)))
          .all()
          .get();
    }

    fixture.startIngest();

    await().atMost(LONG).until(() -> progress.sum() == 20);
    assertThat(numbers("a").subList(10, 15)).containsExactly(15, 16, 17, 18, 19);
  }

  @Test
  void deadLettersAreReplayedOnceEach() {
    sink.refuse(delta -> delta.name().value().equals("bad"));
    fixture.startIngest();
    fixture.produce(0, 3, "good", "bad");
    String deadLetters = fixture.topic + ".dlq";
    assertThat(fixture.read(deadLetters, 3)).hasSize(3);
    DeadLetterReplay replay = new DeadLetterReplay(fixture.config());
    DeadLetterReplay.Request dry =
        new DeadLetterReplay.Request(deadLetters, fixture.topic, "refused", false, true);
    DeadLetterReplay.Request real =
        new DeadLetterReplay.Request(deadLetters, null, null, false, false);
    assertThat(replay.run(dry, letter -> {})).isEqualTo(Map.of(DeadLetterReplay.Fate.REPLAYED, 3));

    sink.refuse(delta -> false);
    assertThat(replay.run(real, letter -> {})).isEqualTo(Map.of(DeadLetterReplay.Fate.REPLAYED, 3));

    await().atMost(LONG).until(() -> sink.applied("bad").size() == 3);
    assertThat(numbers("bad")).isEqualTo(upTo(3));
    assertThat(replay.run(real, letter -> {})).isEmpty();
  }

  /** Offsets begin anew, and the sink has seen them all. */
  @Test
  void aTopicThatWasCreatedAnewIsReadFromTheBeginning() throws Exception {
    fixture.produce(0, 30, "a");
    KafkaIngest ingest = fixture.startIngest();
    await().atMost(LONG).until(() -> progress.sum() == 30);
    recreateTopic();
    fixture.produce(30, 40, "a");
    await().atMost(LONG).until(() -> sink.appliedCount() == 40);

    fixture.stop(ingest);
    recreateTopic();
    fixture.produce(40, 80, "a");
    fixture.startIngest();

    await().atMost(LONG).until(() -> sink.appliedCount() == 80);
    assertThat(numbers("a")).isEqualTo(upTo(80));
  }

  private void recreateTopic() throws Exception {
    try (Admin admin = fixture.admin()) {
      admin.deleteTopics(List.of(fixture.topic)).all().get();
    }
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(
            () -> {
              kafka.createTopic(fixture.topic, 3);
              return true;
            });
  }

  @Test
  void aStoreThatIsDownAtTheStartIsWaitedFor() {
    progress.setBroken(true);
    fixture.produce(0, 10, "a");
    KafkaIngest ingest = fixture.startIngest();
    await()
        .during(Duration.ofSeconds(2))
        .atMost(LONG)
        .until(() -> !ingest.assigned() && sink.handedOver().isEmpty());

    progress.setBroken(false);

    await().atMost(LONG).until(() -> ingest.assigned() && sink.appliedCount() == 10);
  }

  @Test
  void twoNodesShareTheWorkAndLoseNothingWhenOneGoes() throws Exception {
    KafkaIngest first = fixture.startIngest();
    await().atMost(LONG).until(first::assigned);
    fixture.produce(0, 200, "a", "b", "c", "d", "e");
    fixture.startIngest();
    fixture.produce(200, 400, "a", "b", "c", "d", "e");
    try (Admin admin = fixture.admin()) {
      await().atMost(LONG).until(() -> partitionsPerMember(admin).equals(List.of(1, 2)));
    }
    fixture.stop(first);
    fixture.produce(400, 600, "a", "b", "c", "d", "e");

    await().atMost(LONG).until(() -> progress.sum() == 3000);
    for (String record : List.of("a", "b", "c", "d", "e")) {
      assertThat(numbers(record)).isEqualTo(upTo(600));
    }
  }

  /** It was cut off from the broker alone, say, and still holds what it had read. */
  @Test
  void whoHasLostAPartitionUnawaresLeavesWhatOthersHaveDoneSince() {
    sink.setFailing(true);
    fixture.produce(0, 10, "a");
    fixture.startIngest();
    await().atMost(LONG).until(() -> sink.handedOver().size() > 10);
    String partition = sink.handedOver().getFirst().position().partition();
    assertThat(offset(sink.handedOver().getLast())).isZero();

    String key = fixture.group() + "/" + partition.substring(partition.indexOf(':') + 1);
    progress.save(Map.of(key, 6L));

    await().atMost(LONG).until(() -> offset(sink.handedOver().getLast()) == 6);
    sink.setFailing(false);
    await().atMost(LONG).until(() -> progress.sum() == 10);
    assertThat(numbers("a")).containsExactly(6, 7, 8, 9);
  }

  private static long offset(Delta delta) {
    return delta.position().offset();
  }

  private int partitionOf(String record) {
    String partition = sink.applied(record).getFirst().position().partition();
    return Integer.parseInt(partition.substring(partition.indexOf('/') + 1));
  }

  private List<Integer> numbers(String record) {
    return sink.applied(record).stream().map(KafkaIngestIT::number).toList();
  }

  private static int number(Delta delta) {
    JsonNode data = ((DeltaOperation.Set) delta.operation()).data();
    return data.get("n").intValue();
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  private static String header(ConsumerRecord<?, ?> message, String name) {
    Header header = message.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  private String onlyMember(Admin admin) throws Exception {
    return members(admin).stream()
        .map(MemberDescription::consumerId)
        .collect(Collectors.joining(","));
  }

  private List<Integer> partitionsPerMember(Admin admin) throws Exception {
    return members(admin).stream()
        .map(member -> member.assignment().topicPartitions().size())
        .sorted()
        .toList();
  }

  private Collection<MemberDescription> members(Admin admin) throws Exception {
    return admin
        .describeConsumerGroups(List.of(fixture.group()))
        .describedGroups()
        .values()
        .iterator()
        .next()
        .get()
        .members();
  }

  private long committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets(fixture.group())
        .partitionsToOffsetAndMetadata()
        .get()
        .values()
        .stream()
        .mapToLong(OffsetAndMetadata::offset)
        .sum();
  }
}
