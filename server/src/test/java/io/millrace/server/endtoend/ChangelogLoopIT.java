package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A topic that is a source and a changelog at once, in a real broker: what comes in leaves once,
 * and what has left does not come in.
 */
@Timeout(90)
final class ChangelogLoopIT {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Changes of the Host in {@link #changeAll}. */
  private static final int DELTAS = 10;

  /** Those of the client. */
  private static final int WRITES = 8;

  private static EmbeddedKafka kafka;

  @TempDir Path data;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private TestServer server;
  private ScriptedClient client;
  private RecordReader reader;
  private Deltas host;
  private TopicTail tail;
  private Envelope envelope;
  private String topic;

  /**
   * What the Host has said, in all and since the server started, and how many changes there were.
   */
  private int said;

  private int saidToIt;
  private int changes;

  /** A set of these data, or a removal. */
  private interface Envelope {
    @Nullable String of(String name, @Nullable String data);
  }

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @AfterEach
  void stop() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  @Test
  void statesThatComeInByTheirOwnTopicLeaveOnce() throws Exception {
    host("states", (name, json) -> json);
    TestServer.Builder node =
        node(
                "{ name: in, topics: [states], record: \"{key}\" }",
                "{ name: out, topic: states, partitions: 1 }")
            .sqlite(data.resolve("states.db"));
    start(node);
    changeAll();
    Map<String, RecordReader.State> before = states();
    stop();
    start(node);
    assertThat(states()).isEqualTo(before);
    nothingGoesRound();
  }

  /** The worst there is: the source understands all that leaves. */
  @Test
  void deltasThatComeInByTheirOwnTopicLeaveOnce() throws Exception {
    host(
        "deltas",
        (name, json) ->
            json == null
                ? "{\"record\":\"%s\",\"op\":\"delete\"}".formatted(name)
                : "{\"record\":\"%s\",\"op\":\"set\",\"data\":%s}".formatted(name, json));
    TestServer.Builder node =
        node(
                "{ name: in, topics: [deltas], envelope: native }",
                "{ name: out, topic: deltas, content: deltas, partitions: 1 }")
            .sqlite(data.resolve("deltas.db"));
    start(node);
    changeAll();
    Map<String, RecordReader.State> before = states();
    stop();
    start(node);
    assertThat(states()).isEqualTo(before);
    nothingGoesRound();
  }

  /** The node has nothing left, and reads the topic from its beginning twice: to warm, and in. */
  @Test
  void aTopicThatIsReadAnewIsNotToldOfIt() throws Exception {
    host("anew", (name, json) -> json);
    TestServer.Builder node =
        node(
            "{ name: in, topics: [anew], record: \"{key}\" }",
            "{ name: out, topic: anew, partitions: 1, warmStart: true }");
    start(node);
    changeAll();
    Map<String, RecordReader.State> before = states();
    int deltasBefore = said;
    stop();
    start(node);
    assertThat(states()).isEqualTo(before);
    nothingGoesRound();
    assertThat(server.metric("millrace_ingest_replayed_total")).isEqualTo(deltasBefore);
  }

  /** Both sides change what the other one has made, removed and made again. */
  private void changeAll() {
    delta("a", 1);
    delta("b", 1);
    write("a", 2);
    write("c", 1);
    delta("a", 3);
    delta("c", 2);
    delta("c", 2);
    write("c", 3);
    removal("b");
    write("b", 2);
    removal("c");
    delta("c", 4);
    remove("b");
    delta("b", 3);
    remove("a");
    write("d", 1);
    write("d", 2);
    removal("d");
    assertThat(changes).isEqualTo(DELTAS + WRITES);
    assertThat(states()).hasSize(4);
    assertThat(reader.read("a").version()).isEqualTo(RecordReader.MISSING);
    assertThat(reader.read("b").data()).isEqualTo(Json.parse("{\"n\":3}").orElseThrow());
    assertThat(reader.read("c").data()).isEqualTo(Json.parse("{\"n\":4}").orElseThrow());
    assertThat(reader.read("d").version()).isEqualTo(RecordReader.MISSING);
    nothingGoesRound();
  }

  /** All that was read by now was read behind what it may have caused. */
  private void nothingGoesRound() {
    delta("fence", 1);
    delta("fence", 2);
    assertThat(told()).hasSize(changes);
    assertThat(Topic.messages(kafka.bootstrapServers(), topic)).hasSize(said + changes);
    await().atMost(LONG).until(() -> server.metric("millrace_ingest_lag") == 0);
    assertThat(server.metric("millrace_ingest_applied_total")).isEqualTo(saidToIt);
    assertThat(server.metric("millrace_ingest_dead_total")).isZero();
    assertThat(server.metric("millrace_changelog_waiting")).isZero();
  }

  private void host(String name, Envelope messages) {
    topic = name;
    envelope = messages;
    kafka.createTopic(topic, 1);
  }

  private static TestServer.Builder node(String source, String changelog) {
    return TestServer.with()
        .kafka(
            "{ bootstrapServers: \"%s\", sources: [%s], changelog: [%s] }"
                .formatted(kafka.bootstrapServers(), source, changelog));
  }

  private void start(TestServer.Builder node) {
    server = opened(node.start());
    await().atMost(LONG).until(server::isReady);
    client = opened(server.client(LONG));
    reader = opened(new RecordReader(server.uri()));
    host = opened(new Deltas(kafka.bootstrapServers(), topic));
    tail = opened(new TopicTail(kafka.bootstrapServers(), topic));
    saidToIt = 0;
  }

  private <T extends AutoCloseable> T opened(T what) {
    open.push(what);
    return what;
  }

  private void delta(String name, int n) {
    say(name, envelope.of(name, json(n)));
  }

  private void removal(String name) {
    say(name, envelope.of(name, null));
  }

  private void say(String name, @Nullable String message) {
    host.send(name, message);
    host.confirm();
    said++;
    saidToIt++;
    isTold();
  }

  private void write(String name, int n) {
    client.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE,
            new RecordName(name),
            -1,
            new JsonText(json(n)),
            new WriteAckRequest(true, "w" + changes)));
    client.await(RecordPush.WriteAcknowledgement.class);
    isTold();
  }

  private void remove(String name) {
    client.send(new RecordRequest.Delete(new RecordName(name), "d" + changes));
    client.await(RecordPush.DeleteSuccess.class);
    isTold();
  }

  private static String json(int n) {
    return "{\"n\":" + n + "}";
  }

  /** Each change is told before the next is made: states would leave some out. */
  private void isTold() {
    changes++;
    await()
        .atMost(LONG)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> told().size() >= changes);
  }

  private List<ConsumerRecord<String, String>> told() {
    return tail.messages().stream()
        .filter(
            message -> {
              Header origin = message.headers().lastHeader("millrace.origin");
              return origin != null && new String(origin.value(), UTF_8).equals("millrace");
            })
        .toList();
  }

  private Map<String, RecordReader.State> states() {
    Map<String, RecordReader.State> states = new TreeMap<>();
    for (String name : List.of("a", "b", "c", "d")) {
      states.put(name, reader.read(name));
    }
    return states;
  }
}
