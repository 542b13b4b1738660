package io.millrace.server.endtoend.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.endtoend.RecordReader;
import io.millrace.server.endtoend.Topic;
import io.millrace.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An owner is killed while it writes: changelogs miss nothing, and never go back. Then all are
 * killed, and those that come after them have from the changelog what was in no storage.
 */
final class ChangelogLossIT {
  private static final Duration SOON = Duration.ofSeconds(120);
  private static final List<String> RECORDS =
      IntStream.range(0, 60).mapToObj(i -> "logged-" + i).toList();

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void whatAKilledOwnerHadNotToldIsToldByTheNextOneAndOutlivesThemAll() throws Exception {
    History history = new History(System::nanoTime);
    List<PathWriter> writers = new ArrayList<>();
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        TestCluster cluster =
            TestCluster.of(3, directory)
                .heartbeatTimeout(TestCluster.PATIENT)
                .yaml(
                    """
                    kafka: { bootstrapServers: "%s", changelog: [{ name: s, topic: states, warmStart: true }, \
                    { name: d, topic: deltas, content: deltas }] }\
                    """
                        .formatted(kafka.bootstrapServers()))
                .start()) {
      for (int node = 1; node < 3; node++) {
        PathWriter writer =
            new PathWriter(
                "w" + node,
                cluster,
                node,
                () -> RECORDS,
                history,
                new PathWriter.Habit(32, 1_000_000, 20, 0),
                node);
        writers.add(writer);
        writer.beginToWrite();
      }
      await().atMost(SOON).until(() -> writers.get(0).acked() > 1_000);
      cluster.kill(0);
      int before = writers.get(0).acked();
      await().atMost(SOON).until(() -> writers.get(0).acked() > before + 1_000);
      Verdict.finish(writers);

      Map<String, RecordReader.State> states = new HashMap<>();
      try (RecordReader reader = new RecordReader(cluster.uri(1))) {
        RECORDS.forEach(name -> states.put(name, reader.read(name)));
        assertThat(states.values()).allMatch(state -> state.version() > 0);
        await()
            .atMost(SOON)
            .untilAsserted(
                () ->
                    assertThat(newest(Topic.messages(kafka.bootstrapServers(), "states")))
                        .isEqualTo(states));
        await()
            .atMost(SOON)
            .untilAsserted(
                () ->
                    assertThat(applied(Topic.messages(kafka.bootstrapServers(), "deltas")))
                        .isEqualTo(states));
      }

      // All that is left are the changelogs.
      writers.forEach(Client::close);
      cluster.start(0);
      cluster.awaitWhole();
      cluster.killAll();
      cluster.startAll();
      cluster.awaitWhole();
      for (int node = 0; node < cluster.size(); node++) {
        try (RecordReader reader = new RecordReader(cluster.uri(node))) {
          states.forEach((name, state) -> assertThat(reader.read(name)).isEqualTo(state));
        }
      }
    } finally {
      writers.forEach(Client::close);
    }
  }

  /** Also sees to it that versions do not fall. */
  private static Map<String, RecordReader.State> newest(
      List<ConsumerRecord<String, String>> messages) {
    Map<String, RecordReader.State> newest = new HashMap<>();
    for (ConsumerRecord<String, String> message : messages) {
      int version =
          Integer.parseInt(
              new String(message.headers().lastHeader("millrace.version").value(), UTF_8));
      put(newest, message.key(), version, Json.parse(message.value()).orElseThrow());
    }
    return newest;
  }

  private static Map<String, RecordReader.State> applied(
      List<ConsumerRecord<String, String>> messages) {
    Map<String, RecordReader.State> records = new HashMap<>();
    for (ConsumerRecord<String, String> message : messages) {
      JsonNode delta = Json.parse(message.value()).orElseThrow();
      String name = delta.get("record").textValue();
      JsonNode data = delta.get("data");
      if (delta.get("op").textValue().equals("patch")) {
        RecordReader.State before = Objects.requireNonNull(records.get(name));
        ObjectNode changed = before.data().deepCopy();
        changed.set(delta.get("path").textValue(), data);
        data = changed;
      }
      put(records, name, delta.get("version").intValue(), data);
    }
    return records;
  }

  private static void put(
      Map<String, RecordReader.State> records, String name, int version, JsonNode data) {
    RecordReader.State before = records.put(name, new RecordReader.State(version, data));
    if (before != null) {
      assertThat(version).as(name).isGreaterThanOrEqualTo(before.version());
    }
  }
}
