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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records, in a real broker, and from there in a fresh server. */
@Timeout(90)
final class ChangelogIT {
  private static final Duration LONG = Duration.ofSeconds(30);

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
  void statesAreKeyedByNameAndRemovalsAreTombstones() throws Exception {
    try (TestServer server = server("{ name: s, topic: states, records: [\"venue/*\"] }");
        ScriptedClient client = server.client()) {
      write(client, "venue/a", "{\"n\":1}");
      write(client, "venue/b", "{\"n\":\"\uD83C\uDFAB\"}");
      write(client, "other/c", "{\"n\":1}");
      await().atMost(LONG).until(() -> newest("states").size() == 2);
      write(client, "venue/a", "{\"n\":2}");
      remove(client, "venue/b");
      await().atMost(LONG).until(() -> newest("states", "venue/b").value() == null);
      await().atMost(LONG).until(() -> "{\"n\":2}".equals(newest("states", "venue/a").value()));

      ConsumerRecord<String, String> a = newest("states", "venue/a");
      assertThat(header(a, "millrace.version")).isEqualTo("2");
      assertThat(header(a, "millrace.origin")).isEqualTo("millrace");
      assertThat(header(a, "millrace.positions")).isEqualTo("{}");
      assertThat(Long.parseLong(header(a, "millrace.incarnation"))).isPositive();
      assertThat(server.metric("millrace_changelog_waiting")).isZero();
      assertThat(server.metric("millrace_changelog_sent_total")).isGreaterThanOrEqualTo(4);
    }
    assertThat(setting("states", "cleanup.policy")).isEqualTo("compact");
  }

  @Test
  void deltasAreEachChangeInOrder() {
    try (TestServer server = server("{ name: d, topic: deltas, content: deltas, partitions: 2 }");
        ScriptedClient client = server.client()) {
      write(client, "a", "{\"n\":1}");
      for (int i = 2; i < 10; i++) {
        client.send(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                new RecordName("a"),
                i,
                "m",
                new JsonText("" + i),
                new WriteAckRequest(true, "p" + i)));
        client.await(RecordPush.WriteAcknowledgement.class);
      }
      remove(client, "a");
      await().atMost(LONG).until(() -> messages("deltas").size() == 10);
      List<String> values = messages("deltas").stream().map(ConsumerRecord::value).toList();
      assertThat(values.get(0))
          .isEqualTo("{\"record\":\"a\",\"op\":\"set\",\"data\":{\"n\":1},\"version\":1}");
      for (int i = 2; i < 10; i++) {
        assertThat(values.get(i - 1))
            .isEqualTo(
                "{\"record\":\"a\",\"op\":\"patch\",\"path\":\"m\",\"data\":%d,\"version\":%d}"
                    .formatted(i, i));
      }
      assertThat(values.get(9)).isEqualTo("{\"record\":\"a\",\"op\":\"delete\",\"version\":9}");
    }
  }

  @Test
  void aBrokerThatIsAwayIsCaughtUpWithAndKeepsNobodyWaiting(@TempDir Path data) {
    int port = EmbeddedKafka.freePort();
    String servers = "127.0.0.1:" + port;
    try (TestServer server = server(servers, "{ name: l, topic: late }");
        ScriptedClient client = server.client()) {
      for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 50; i++) {
          write(client, "r" + i, "{\"n\":" + round + "}");
        }
      }
      assertThat(server.isReady()).isTrue();
      await().atMost(LONG).until(() -> server.metric("millrace_changelog_waiting") == 50);
      try (EmbeddedKafka late = EmbeddedKafka.start(data, port)) {
        await().atMost(LONG).until(() -> server.metric("millrace_changelog_waiting") == 0);
        List<ConsumerRecord<String, String>> told = Topic.messages(late.bootstrapServers(), "late");
        // What was under way when the broker came may be older; all else is told once.
        assertThat(told.size()).isBetween(50, 75);
        Map<String, String> newest = new HashMap<>();
        told.forEach(message -> newest.put(message.key(), message.value()));
        assertThat(newest).hasSize(50);
        assertThat(newest.values()).containsOnly("{\"n\":3}");
      }
    }
  }

  @Test
  void aFreshServerHasTheRecordsBeforeItIsReadyAndAppliesNoDeltaTwice() throws Exception {
    kafka.createTopic("host", 2);
    String yaml =
        """
        { bootstrapServers: "%s", sources: [{ name: host, topics: [host], record: "{key}", operation: "{header.op}", path: "{header.path}" }], \
        changelog: [{ name: w, topic: warm, warmStart: true, partitions: 3 }] }\
        """
            .formatted(kafka.bootstrapServers());
    Map<String, RecordReader.State> before = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      names.add("r" + i);
    }
    try (TestServer server = TestServer.with().kafka(yaml).start();
        Deltas host = new Deltas(kafka.bootstrapServers(), "host");
        RecordReader reader = new RecordReader(readyUri(server))) {
      for (String name : names) {
        host.send(name, "{\"x\":1}", "op", "set");
        host.send(name, "7", "op", "patch", "path", "y");
      }
      host.send("gone", "{\"x\":1}", "op", "set");
      host.send("gone", "", "op", "delete");
      host.confirm();
      await().atMost(LONG).until(() -> names.stream().allMatch(name -> reader.version(name) == 2));
      try (ScriptedClient client = server.client()) {
        write(client, "r0", "{\"x\":\"mine\"}");
      }
      await().atMost(LONG).until(() -> newest("warm").size() == 201);
      // Only tombstones say what not to take from the Host's topic once more.
      assertThat(Duration.ofMillis(Long.parseLong(setting("warm", "delete.retention.ms"))))
          .isGreaterThan(Duration.ofDays(7));
      await().atMost(LONG).until(() -> server.metric("millrace_changelog_waiting") == 0);
      names.forEach(name -> before.put(name, reader.read(name)));
    }
    try (TestServer server = TestServer.with().kafka(yaml).start();
        RecordReader reader = new RecordReader(readyUri(server))) {
      names.forEach(name -> assertThat(reader.read(name)).isEqualTo(before.get(name)));
      await().atMost(LONG).until(() -> server.metric("millrace_ingest_replayed_total") >= 402);
      names.forEach(name -> assertThat(reader.read(name)).isEqualTo(before.get(name)));
      assertThat(reader.version("gone")).isEqualTo(-1);
    }
  }

  private static String setting(String topic, String name) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Config config =
          Objects.requireNonNull(
              admin.describeConfigs(List.of(resource)).all().get().get(resource));
      return config.get(name).value();
    }
  }

  private static java.net.URI readyUri(TestServer server) {
    await().atMost(LONG).until(server::isReady);
    return server.uri();
  }

  private static TestServer server(String changelog) {
    return server(kafka.bootstrapServers(), changelog);
  }

  private static TestServer server(String servers, String changelog) {
    return TestServer.with()
        .kafka("{ bootstrapServers: \"%s\", changelog: [%s] }".formatted(servers, changelog))
        .start();
  }

  private static void write(ScriptedClient client, String name, String data) {
    assertThat(Json.parse(data)).isPresent();
    client.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE,
            new RecordName(name),
            -1,
            new JsonText(data),
            new WriteAckRequest(true, name + data)));
    client.await(RecordPush.WriteAcknowledgement.class);
  }

  private static void remove(ScriptedClient client, String name) {
    client.send(new RecordRequest.Delete(new RecordName(name), "d" + name));
    client.await(RecordPush.DeleteSuccess.class);
  }

  private static String header(ConsumerRecord<?, ?> message, String name) {
    Header found = message.headers().lastHeader(name);
    return found == null ? "" : new String(found.value(), UTF_8);
  }

  private static ConsumerRecord<String, String> newest(String topic, String name) {
    return Objects.requireNonNull(newest(topic).get(name));
  }

  private static Map<String, ConsumerRecord<String, String>> newest(String topic) {
    Map<String, ConsumerRecord<String, String>> newest = new HashMap<>();
    messages(topic).forEach(message -> newest.put(message.key(), message));
    return newest;
  }

  private static List<ConsumerRecord<String, String>> messages(String topic) {
    return Topic.messages(kafka.bootstrapServers(), topic);
  }
}
