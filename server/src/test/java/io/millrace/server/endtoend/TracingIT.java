package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.Collector.Seen;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.ScriptedClient;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Host's trace, from a message in a real broker to the client, as a collector hears of it. */
@Timeout(300)
final class TracingIT {
  private static final String TRACE = "80f198ee56343ba864fe8b2a57d3eff7";
  private static final String HOST_SPAN = "e457b5a2e4d86bd1";
  private static final String PARENT = "00-" + TRACE + "-" + HOST_SPAN + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + HOST_SPAN + "-00";

  private static EmbeddedKafka kafka;

  private final Collector collector = Collector.start();

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @AfterEach
  void stopCollector() {
    collector.close();
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(90));
  }

  private static String source(String topic) {
    return "{ name: host, topics: [%s], record: \"{key}\", operation: merge }".formatted(topic);
  }

  private static String kafkaYaml(String topic, String changelog) {
    return "{ bootstrapServers: \"%s\", sources: [%s], changelog: [%s] }"
        .formatted(kafka.bootstrapServers(), source(topic), changelog);
  }

  private TestServer server(String topic, String sampling) {
    return TestServer.with().kafka(kafkaYaml(topic, "")).yaml(collector.yaml(sampling)).start();
  }

  private static void subscribe(ScriptedClient client, String name) {
    client.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(name)), "0"));
    client.await(RecordPush.ReadResponse.class, read -> read.name().value().equals(name));
  }

  private Seen span(String name) {
    return span(TRACE, name);
  }

  private Seen span(String trace, String name) {
    patiently()
        .until(() -> collector.trace(trace).stream().anyMatch(span -> span.name().equals(name)));
    List<Seen> found =
        collector.trace(trace).stream().filter(span -> span.name().equals(name)).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void aHostsTraceIsFollowedFromItsMessageToTheClients() {
    kafka.createTopic("followed", 1);
    try (TestServer server = server("followed", "0");
        ScriptedClient one = server.client();
        ScriptedClient two = server.client();
        Deltas host = new Deltas(kafka.bootstrapServers(), "followed")) {
      subscribe(one, "seat/secret");
      subscribe(two, "seat/secret");
      host.send("k", "{\"first\":1}");
      host.send("seat/secret", "{\"state\":\"hidden\"}", "traceparent", PARENT);
      host.confirm();

      one.await(RecordPush.Patch.class);
      Seen deliver = span("deliver");
      Seen apply = span("apply");
      Seen ingest = span("ingest");
      assertThat(ingest.parent()).isEqualTo(HOST_SPAN);
      assertThat(apply.parent()).isEqualTo(ingest.spanId());
      assertThat(deliver.parent()).isEqualTo(apply.spanId());
      assertThat(collector.spans()).as("nothing of the message without a trace").hasSize(3);

      assertThat(ingest.whole().getKind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
      assertThat(ingest.attributes())
          .containsOnly(
              entry("messaging.system", "kafka"),
              entry("messaging.operation.name", "ingest"),
              entry("messaging.operation.type", "process"),
              entry("messaging.destination.name", "followed"),
              entry("messaging.destination.partition.id", "0"),
              entry("messaging.kafka.offset", "1"),
              entry("messaging.consumer.group.name", "millrace-host"),
              entry("millrace.source", "host"),
              entry("millrace.outcome", "applied"));
      assertThat(apply.attributes())
          .containsOnly(entry("millrace.record", "seat/secret"), entry("millrace.version", "1"));
      assertThat(deliver.attributes())
          .containsOnly(
              entry("millrace.record", "seat/secret"),
              entry("millrace.version", "1"),
              entry("millrace.subscribers", "2"),
              entry("millrace.conflated", "0"));
      for (Seen each : collector.spans()) {
        assertThat(each.node()).isEqualTo("node-1");
        assertThat(each.whole().getEndTimeUnixNano())
            .isGreaterThanOrEqualTo(each.whole().getStartTimeUnixNano());
        assertThat(each.whole().toString()).doesNotContain("hidden");
      }
      assertThat(apply.whole().getStartTimeUnixNano())
          .isGreaterThanOrEqualTo(ingest.whole().getStartTimeUnixNano());
      assertThat(collector.keys()).isNotEmpty().containsOnly("sesame");
      patiently().until(() -> server.metric("millrace_spans_exported_total") == 3);
      assertThat(server.metric("millrace_spans_recorded_total")).isEqualTo(3);
    }
  }

  /** The sources' node reads all, and owns about half of the records; the other has the clients. */
  @Test
  void aTraceGoesFromNodeToNode() {
    kafka.createTopic("two", 2);
    int[] ports = {EmbeddedKafka.freePort(), EmbeddedKafka.freePort()};
    List<String> members = List.of("127.0.0.1:" + ports[0], "127.0.0.1:" + ports[1]);
    int records = 24;
    try (TestServer reading =
            TestServer.with()
                .cluster("127.0.0.1", ports[0], members)
                .kafka(kafkaYaml("two", ""))
                .yaml(collector.yaml("0"))
                .start();
        TestServer serving =
            TestServer.with()
                .cluster("127.0.0.1", ports[1], members)
                .yaml(collector.yaml("0"))
                .start();
        ScriptedClient client = serving.client();
        Deltas host = new Deltas(kafka.bootstrapServers(), "two")) {
      for (int i = 0; i < records; i++) {
        subscribe(client, "r" + i);
      }
      // The one that was there first hands half of them over to the other, some time after that.
      patiently()
          .until(
              () ->
                  reading.metric("millrace_records") > 0 && serving.metric("millrace_records") > 0);
      for (int i = 0; i < records; i++) {
        host.send("r" + i, "{\"n\":1}", "traceparent", PARENT, "tracestate", "host=" + i);
      }
      host.confirm();

      patiently().until(() -> collector.trace(TRACE).size() == 3 * records);
      List<Seen> delivered = named("deliver");
      assertThat(delivered).hasSize(records);
      for (Seen deliver : delivered) {
        Seen apply = withId(deliver.parent());
        Seen ingest = withId(apply.parent());
        assertThat(ingest.name()).isEqualTo("ingest");
        assertThat(ingest.parent()).isEqualTo(HOST_SPAN);
        assertThat(ingest.node()).isEqualTo("node-" + ports[0]);
        assertThat(deliver.node()).isEqualTo("node-" + ports[1]);
        assertThat(deliver.attribute("millrace.subscribers")).isEqualTo("1");
        assertThat(apply.attribute("millrace.record"))
            .isEqualTo(deliver.attribute("millrace.record"));
        assertThat(deliver.whole().getTraceState())
            .isEqualTo(deliver.attribute("millrace.record").replace("r", "host="));
      }
      assertThat(named("apply").stream().map(Seen::node).distinct())
          .as("owners")
          .containsExactlyInAnyOrder("node-" + ports[0], "node-" + ports[1]);
      assertThat(reading.metric("millrace_spans_recorded_total")).isGreaterThan(records);
    }
  }

  private List<Seen> named(String name) {
    return collector.trace(TRACE).stream().filter(span -> span.name().equals(name)).toList();
  }

  private Seen withId(String spanId) {
    return collector.spans().stream()
        .filter(span -> span.spanId().equals(spanId))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMessageWithoutAValidParentBeginsATraceIfItIsSampled() {
    kafka.createTopic("roots", 1);
    try (TestServer server = server("roots", "1");
        ScriptedClient client = server.client();
        Deltas host = new Deltas(kafka.bootstrapServers(), "roots")) {
      subscribe(client, "a");
      subscribe(client, "b");
      host.send("a", "{\"n\":1}");
      host.send("b", "{\"n\":1}", "traceparent", PARENT + "-and-more");
      host.confirm();

      client.await(RecordPush.Patch.class, patch -> patch.name().value().equals("a"));
      client.await(RecordPush.Patch.class, patch -> patch.name().value().equals("b"));
      patiently().until(() -> collector.spans().size() == 6);
      assertThat(collector.spans().stream().map(Seen::traceId).distinct())
          .hasSize(2)
          .doesNotContain(TRACE);
      assertThat(collector.spans().stream().filter(span -> span.parent().isEmpty()))
          .hasSize(2)
          .allMatch(span -> span.name().equals("ingest"));
    }
  }

  @Test
  void whatCannotBeAppliedIsAnErrorWithoutItsReason() {
    kafka.createTopic("refused", 1);
    try (TestServer server = server("refused", "0");
        Deltas host = new Deltas(kafka.bootstrapServers(), "refused")) {
      host.send("a", "{\"hidden", "traceparent", PARENT);
      host.confirm();

      Seen ingest = span("ingest");
      assertThat(ingest.attribute("millrace.outcome")).isEqualTo("refused");
      assertThat(ingest.whole().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
      assertThat(ingest.whole().toString()).doesNotContain("hidden");
      assertThat(server.metric("millrace_ingest_read_total")).isEqualTo(1);
    }
  }

  @Test
  void changelogsPassATraceOn() {
    kafka.createTopic("passed", 1);
    kafka.createTopic("states-out", 1);
    try (TestServer server =
            TestServer.with()
                .kafka(
                    kafkaYaml(
                        "passed",
                        "{ name: s, topic: states-out },"
                            + " { name: d, topic: deltas-out, content: deltas, partitions: 1 }"))
                .yaml(collector.yaml("0"))
                .start();
        Deltas host = new Deltas(kafka.bootstrapServers(), "passed")) {
      host.send("first", "{\"n\":1}", "traceparent", PARENT, "tracestate", "host=1");
      host.send("other", "{\"n\":2}", "traceparent", NOT_SAMPLED);
      host.send("plain", "{\"n\":3}");
      host.confirm();

      Seen apply = span("apply");
      for (String topic : List.of("states-out", "deltas-out")) {
        patiently().until(() -> Topic.messages(kafka.bootstrapServers(), topic).size() == 3);
        List<ConsumerRecord<String, String>> told = Topic.messages(kafka.bootstrapServers(), topic);
        assertThat(header(told, "first", "traceparent"))
            .isEqualTo("00-" + TRACE + "-" + apply.spanId() + "-01");
        assertThat(header(told, "first", "tracestate")).isEqualTo("host=1");
        assertThat(header(told, "other", "traceparent"))
            .as("passed on although nobody records it")
            .isEqualTo(NOT_SAMPLED);
        assertThat(header(told, "plain", "traceparent")).isEmpty();
      }
      assertThat(named("apply")).hasSize(1);
      assertThat(server.metric("millrace_spans_recorded_total")).isEqualTo(2);
    }
  }

  private static String header(
      List<ConsumerRecord<String, String>> messages, String key, String name) {
    return messages.stream()
        .filter(message -> key.equals(message.key()))
        .map(message -> message.headers().lastHeader(name))
        .filter(Objects::nonNull)
        .map(header -> new String(header.value(), UTF_8))
        .findFirst()
        .orElse("");
  }

  @Test
  void aWriteOverHttpBelongsToItsCallersTrace() throws Exception {
    try (TestServer server = TestServer.with().yaml(collector.yaml("0")).start();
        ScriptedClient client = server.client()) {
      subscribe(client, "web");
      put(server, "web", "{\"n\":1}", PARENT);
      client.await(RecordPush.Update.class);
      put(server, "web", "{\"n\":2}", "nonsense");
      client.await(RecordPush.Update.class);

      Seen apply = span("apply");
      assertThat(apply.parent()).isEqualTo(HOST_SPAN);
      assertThat(span("deliver").parent()).isEqualTo(apply.spanId());
      assertThat(collector.spans()).hasSize(2);
    }
  }

  private static void put(TestServer server, String record, String data, String traceparent)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/api/v1/records/%s"
                                .formatted(server.port(), record)))
                    .PUT(HttpRequest.BodyPublishers.ofString(data))
                    .header("content-type", "application/json")
                    .header("traceparent", traceparent)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
  }

  @Test
  void aCollectorThatIsAwayHoldsNothingUp() {
    kafka.createTopic("away", 1);
    int port = EmbeddedKafka.freePort();
    try (TestServer server =
            TestServer.with().kafka(kafkaYaml("away", "")).yaml(Collector.yaml(port, "1")).start();
        ScriptedClient client = server.client();
        Deltas host = new Deltas(kafka.bootstrapServers(), "away")) {
      subscribe(client, "a");
      for (int i = 1; i <= 20_000; i++) {
        host.send("a", "{\"n\":" + i + "}");
      }
      host.confirm();
      patiently().until(() -> server.metric("millrace_ingest_applied_total") == 20_000);
      patiently().until(() -> server.metric("millrace_spans_recorded_total") > 40_000);
      assertThat(server.metric("millrace_spans_exported_total")).isZero();

      try (Collector late = Collector.startAt(port)) {
        host.send("a", "{\"n\":0}", "traceparent", PARENT);
        host.confirm();
        patiently().until(() -> late.trace(TRACE).size() == 3);
      }
    }
  }
}
