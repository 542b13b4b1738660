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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
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

  @Test
  void statesThatComeInByTheirOwnTopicLeaveOnce() {
    goesRoundNever(
        "states",
        (name, json) -> json,
        node(
                "{ name: in, topics: [states], record: \"{key}\" }",
                "{ name: out, topic: states, partitions: 1 }")
            .sqlite(data.resolve("states.db")));
  }

  /** The worst there is: the source understands all that leaves. */
  @Test
  void deltasThatComeInByTheirOwnTopicLeaveOnce() {
    goesRoundNever(
        "deltas",
        (name, json) ->
            json == null
                ? "{\"record\":\"%s\",\"op\":\"delete\"}".formatted(name)
                : "{\"record\":\"%s\",\"op\":\"set\",\"data\":%s}".formatted(name, json),
        node(
                "{ name: in, topics: [deltas], envelope: native }",
                "{ name: out, topic: deltas, content: deltas, partitions: 1 }")
            .sqlite(data.resolve("deltas.db")));
  }

  /** Without storage the node reads the topic from its beginning twice: to warm, and in. */
  @Test
  void aTopicThatIsReadAnewIsNotToldOfIt() {
    goesRoundNever(
        "anew",
        (name, json) -> json,
        node(
            "{ name: in, topics: [anew], record: \"{key}\" }",
            "{ name: out, topic: anew, partitions: 1, warmStart: true }"));
  }

  private static void goesRoundNever(String topic, Envelope envelope, TestServer.Builder node) {
    kafka.createTopic(topic, 1);
    Map<String, RecordReader.State> before;
    int said;
    int changes;
    try (Round first = new Round(node, topic, envelope, 0, 0)) {
      first.changeAll();
      first.nothingGoesRound();
      before = first.states();
      said = first.said;
      changes = first.changes;
    }
    try (Round second = new Round(node, topic, envelope, said, changes)) {
      assertThat(second.states()).isEqualTo(before);
      second.nothingGoesRound();
    }
  }

  private static TestServer.Builder node(String source, String changelog) {
    return TestServer.with()
        .kafka(
            "{ bootstrapServers: \"%s\", sources: [%s], changelog: [%s] }"
                .formatted(kafka.bootstrapServers(), source, changelog));
  }

  /** A server from start to stop, with its Host and its client. */
  private static final class Round implements AutoCloseable {
    private final TestServer server;
    private final ScriptedClient client;
    private final RecordReader reader;
    private final Deltas host;
    private final TopicTail tail;
    private final String topic;
    private final Envelope envelope;

    /** What the Host has said before and since, and how many changes there were by now. */
    private final int saidBefore;

    int said;
    int changes;

    Round(TestServer.Builder node, String topic, Envelope envelope, int said, int changes) {
      this.topic = topic;
      this.envelope = envelope;
      this.saidBefore = said;
      this.said = said;
      this.changes = changes;
      server = node.start();
      await().atMost(LONG).until(server::isReady);
      client = server.client(LONG);
      reader = new RecordReader(server.uri());
      host = new Deltas(kafka.bootstrapServers(), topic);
      tail = new TopicTail(kafka.bootstrapServers(), topic);
    }

    @Override
    public void close() {
      tail.close();
      host.close();
      reader.close();
      client.close();
      server.close();
    }

    /** Both sides change what the other one has made, removed and made again. */
    void changeAll() {
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
      // Both are in a life that began with this.
      assertThat(reader.read("b"))
          .isEqualTo(new RecordReader.State(1, Json.parse(json(3)).orElseThrow()));
      assertThat(reader.read("c"))
          .isEqualTo(new RecordReader.State(1, Json.parse(json(4)).orElseThrow()));
      assertThat(reader.read("d").version()).isEqualTo(RecordReader.MISSING);
    }

    /** All that was read by now was read behind what it may have caused. */
    void nothingGoesRound() {
      delta("fence", 1);
      delta("fence", 2);
      assertThat(told()).hasSize(changes);
      assertThat(Topic.messages(kafka.bootstrapServers(), topic)).hasSize(said + changes);
      await().atMost(LONG).until(() -> server.metric("millrace_ingest_lag") == 0);
      assertThat(server.metric("millrace_ingest_applied_total")).isEqualTo(said - saidBefore);
      assertThat(server.metric("millrace_ingest_dead_total")).isZero();
      assertThat(server.metric("millrace_changelog_waiting")).isZero();
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

    Map<String, RecordReader.State> states() {
      Map<String, RecordReader.State> states = new TreeMap<>();
      for (String name : List.of("a", "b", "c", "d")) {
        states.put(name, reader.read(name));
      }
      return states;
    }
  }
}
