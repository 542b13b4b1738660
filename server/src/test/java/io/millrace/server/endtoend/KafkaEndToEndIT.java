package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.ScriptedClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a message in a real broker to what a subscribed client is sent. */
@Timeout(300)
final class KafkaEndToEndIT {
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void everyOperationReachesASubscriberInOrder() {
    kafka.createTopic("parts", 3);
    try (TestServer server =
            serverWith(
                """
                { name: parts, topics: [parts], record: "seats/{key}", \
                operation: "{header.op}", path: "row[0].{header.path}" }\
                """);
        ScriptedClient client = server.client();
        Deltas host = new Deltas(kafka.bootstrapServers(), "parts")) {
      subscribe(client, "seats/a");
      host.send("a", "{\"x\":1}", "op", "set");
      host.send("b", "{\"other\":1}", "op", "set");
      host.send("a", "\"held\"", "op", "patch", "path", "b");
      host.send("a", "{\"p\":1,\"q\":null}", "op", "merge", "path", "m");
      host.send("a", "{\"r\":2,\"p\":null}", "op", "merge", "path", "m");
      host.send("a", "", "op", "erase", "path", "x");
      host.send("a", "null", "op", "patch", "path", "n");
      host.send("a", "", "op", "delete");
      host.confirm();

      client.await(RecordPush.Deleted.class);
      assertThat(changes(client))
          .containsExactly(
              "1 {\"x\":1}",
              "2 row[0].b=\"held\"",
              "3 row[0].m={\"p\":1}",
              "4 row[0].m={\"r\":2}",
              "5 row[0].x erased",
              "6 row[0].n=null",
              "deleted");
    }
  }

  @Test
  void mergesIntoWholeRecordsReachASubscriberInOrder() {
    kafka.createTopic("whole", 3);
    try (TestServer server =
            serverWith(
                """
                { name: whole, topics: [whole], record: "{key}", operation: merge, \
                data: payload.doc }\
                """);
        ScriptedClient client = server.client();
        RecordReader reader = new RecordReader(server.uri());
        Deltas host = new Deltas(kafka.bootstrapServers(), "whole")) {
      subscribe(client, "w");
      host.send("w", "{\"doc\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}");
      host.send("w", "{\"doc\":{\"a\":{\"b\":5}}}");
      host.send("w", "{\"doc\":{\"d\":null}}");
      host.send("w", "{\"doc\":{\"e\":[1],\"f\":{\"g\":null}}}");
      host.confirm();

      patiently().until(() -> reader.version("w") == 4);
      RecordReader.State state = reader.read("w");
      assertThat(state.data())
          .isEqualTo(Json.parse("{\"a\":{\"b\":5,\"c\":2},\"e\":[1],\"f\":{}}").orElseThrow());
      subscriberIsAt(client, 4);
      assertThat(changes(client)).hasSize(4).last().asString().startsWith("4 ");
    }
  }

  @Test
  void aBadMessageGoesToTheDeadLettersWithItsReasonAndTheNextGoesOn() {
    kafka.createTopic("bad", 1);
    try (TestServer server =
            TestServer.with()
                .yaml("record: { maxSize: 2KiB }")
                .kafka(
                    kafka.bootstrapServers(),
                    """
                    { name: bad, topics: [bad], record: "{key}", operation: patch, \
                    path: "seats.{payload.seat}", data: payload.state }\
                    """)
                .start();
        ScriptedClient client = server.client();
        RecordReader reader = new RecordReader(server.uri());
        Deltas host = new Deltas(kafka.bootstrapServers(), "bad")) {
      subscribe(client, "r");
      List<String> bad =
          List.of(
              "{\"seat\": not json",
              "{\"state\":1}",
              "{\"seat\":\"__proto__\",\"state\":1}",
              "{\"seat\":\"__proto__.x\",\"state\":1}",
              "{\"seat\":\"big\",\"state\":\"%s\"}".formatted("x".repeat(3000)),
              "");
      for (int i = 0; i < bad.size(); i++) {
        host.send("r", "{\"seat\":\"s" + i + "\",\"state\":" + i + "}");
        host.send("r", bad.get(i));
      }
      host.send("r", "{\"seat\":\"last\",\"state\":true}");
      host.confirm();

      patiently().until(() -> reader.version("r") == bad.size() + 1);
      subscriberIsAt(client, bad.size() + 1);
      assertThat(changes(client))
          .containsExactly(
              "1 seats.s0=0",
              "2 seats.s1=1",
              "3 seats.s2=2",
              "4 seats.s3=3",
              "5 seats.s4=4",
              "6 seats.s5=5",
              "7 seats.last=true");
      List<ConsumerRecord<String, String>> letters = letters("bad.dlq", bad.size());
      assertThat(letters)
          .extracting(ConsumerRecord::value)
          .containsExactlyInAnyOrderElementsOf(bad);
      assertThat(letters)
          .allSatisfy(letter -> assertThat(letter.key()).isEqualTo("r"))
          .allSatisfy(
              letter ->
                  assertThat(header(letter, "millrace.reason"))
                      .isNotBlank()
                      .doesNotContain("Exception", "\n", "at io."))
          .allSatisfy(
              letter ->
                  assertThat(header(letter, "millrace.source"))
                      .isEqualTo("bad/0/" + (1 + 2 * bad.indexOf(letter.value()))));
    }
  }

  @Test
  void withoutStorageARestartReadsEverythingAgain() {
    kafka.createTopic("again", 3);
    String source =
        "{ name: again, topics: [again], record: \"{key}\", operation: patch, path:"
            + " \"k{payload.n}\" }";
    try (Deltas host = new Deltas(kafka.bootstrapServers(), "again")) {
      for (int n = 0; n < 300; n++) {
        host.send("r" + n % 10, "{\"n\":" + n + "}");
      }
      host.confirm();
      for (int start = 1; start <= 2; start++) {
        try (TestServer server = serverWith(source);
            RecordReader reader = new RecordReader(server.uri())) {
          for (int record = 0; record < 10; record++) {
            String name = "r" + record;
            patiently().until(() -> reader.version(name) >= 30);
            assertThat(reader.read(name).data()).hasSize(30);
            assertThat(reader.version(name)).isEqualTo(30);
          }
        }
      }
    }
  }

  private static TestServer serverWith(String source) {
    return TestServer.with().kafka(kafka.bootstrapServers(), source).start();
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
  }

  private static void subscribe(ScriptedClient client, String name) {
    client.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(name)), "0"));
    client.await(RecordPush.Ack.class);
    assertThat(client.await(RecordPush.ReadResponse.class).version()).isZero();
  }

  private static void subscriberIsAt(ScriptedClient client, int version) {
    client.await(
        message ->
            (message instanceof RecordPush.Patch patch && patch.version() == version)
                || (message instanceof RecordPush.Update update && update.version() == version));
  }

  /** What came of a record's changes, as text. */
  private static List<String> changes(ScriptedClient client) {
    List<String> changes = new ArrayList<>();
    for (ServerMessage message : client.received()) {
      switch (message) {
        case RecordPush.Update update -> changes.add(update.version() + " " + update.data().text());
        case RecordPush.Patch patch -> {
          JsonText data = patch.data();
          changes.add(
              patch.version()
                  + " "
                  + patch.path()
                  + (data == null ? " erased" : "=" + data.text()));
        }
        case RecordPush.Deleted deleted -> changes.add("deleted");
        default -> {}
      }
    }
    return changes;
  }

  private static List<ConsumerRecord<String, String>> letters(String topic, int count) {
    List<ConsumerRecord<String, String>> letters = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      patiently()
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(letters::add);
                return letters.size() >= count;
              });
    }
    return letters;
  }

  private static String header(ConsumerRecord<?, ?> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }
}
