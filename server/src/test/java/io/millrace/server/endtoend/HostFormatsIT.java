package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.CodedOutputStream;
import io.millrace.protocol.value.Json;
import io.millrace.testkit.EmbeddedKafka;
import io.millrace.testkit.EmbeddedSchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hosts with a format and an envelope of their own each, through a real broker and with a real
 * schema registry, to records; and what one of them suffers, the others do not notice.
 */
@Timeout(300)
final class HostFormatsIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Schema SALE =
      new Schema.Parser()
          .parse(
              """
              {"type":"record","name":"Sale","fields":[{"name":"seat","type":"string"},
              {"name":"cents","type":"long"},{"name":"price","type":{"type":"bytes",
              "logicalType":"decimal","precision":9,"scale":2}}]}\
              """);
  private static final String SOLD =
      "syntax = \"proto3\"; message Sold { string seat = 1; int64 cents = 2; }";

  private static EmbeddedKafka kafka;
  private static EmbeddedSchemaRegistry registry;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() {
    registry = EmbeddedSchemaRegistry.create();
    registry.start();
    kafka = EmbeddedKafka.start();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    kafka.close();
    registry.close();
  }

  @Test
  void everyFormatAndEnvelopeBecomesRecords() throws Exception {
    topics("avro", "protobuf", "schema", "native", "patches", "table", "flat", "rows");
    int avro = registry.register("sale", "AVRO", SALE.toString());
    int protobuf = registry.register("sold", "PROTOBUF", SOLD);
    int json =
        registry.register(
            "json",
            "JSON",
            "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\"}");
    try (TestServer server =
            serverWith(
                "{ name: avro, topics: [avro], format: avro, record: \"avro/{payload.seat}\" }",
                "{ name: protobuf, topics: [protobuf], format: protobuf, record:"
                    + " \"proto/{payload.seat}\" }",
                "{ name: schema, topics: [schema], format: json-schema, record: \"schema/{key}\" }",
                "{ name: native, topics: [native], envelope: native }",
                "{ name: patches, topics: [patches], record: \"{key}\", operation: json-patch }",
                "{ name: table, topics: [table], envelope: debezium, record: \"table/{row.id}\" }",
                "{ name: flat, topics: [flat], envelope: flattened, record: \"flat/{row.id}\" }",
                "{ name: rows, topics: [rows], each: payload.rows, record: \"row/{item.id}\","
                    + " operation: merge, data: item.data }");
        RecordReader reader = new RecordReader(server.uri())) {
      send("avro", "k", sale(avro, "A1"));
      send("protobuf", "k", sold(protobuf, "P1"));
      send("schema", "s1", frame(json, "{\"free\":7}".getBytes(UTF_8)));
      send(
          "native",
          "k",
          text(
              "[{'record':'n/1','op':'set','data':{'a':1}},{'record':'n/1','op':'patch','path':'b','data':2},{'record':'n/2','op':'merge','data':{'c':3}}]"));
      send(
          "patches",
          "p/1",
          text("[{'op':'add','path':'/a','value':[1]},{'op':'add','path':'/a/-','value':2}]"));
      send(
          "table",
          "k",
          text(
              "{'schema':null,'payload':{'op':'c','before':null,'after':{'id':1,'name':'Anne'},'source':{}}}"));
      send(
          "table",
          "k",
          text(
              "{'schema':null,'payload':{'op':'c','before':null,'after':{'id':2,'name':'Bob'},'source':{}}}"));
      send(
          "table",
          "k",
          text(
              "{'schema':null,'payload':{'op':'d','before':{'id':2,'name':'Bob'},'after':null,'source':{}}}"));
      send("flat", "k", text("{'id':1,'name':'Cid','__deleted':'false'}"));
      send(
          "rows",
          "k",
          text(
              "{'rows':[{'id':1,'data':{'x':1}},{'id':2,'data':{'x':2}},{'id':1,'data':{'y':3}}]}"));

      holds(reader, "avro/A1", "{'seat':'A1','cents':'9007199254740993','price':'12.50'}");
      holds(reader, "proto/P1", "{'seat':'P1','cents':'9007199254740993'}");
      holds(reader, "schema/s1", "{'free':7}");
      holds(reader, "n/1", "{'a':1,'b':2}");
      holds(reader, "n/2", "{'c':3}");
      holds(reader, "p/1", "{'a':[1,2]}");
      holds(reader, "table/1", "{'id':1,'name':'Anne'}");
      await().atMost(LONG).until(() -> reader.version("table/2") == RecordReader.MISSING);
      holds(reader, "flat/1", "{'id':1,'name':'Cid'}");
      holds(reader, "row/1", "{'x':1,'y':3}");
      holds(reader, "row/2", "{'x':2}");
      assertThat(server.metric("millrace_ingest_dead_total")).isZero();
    }
  }

  @Test
  void whatOneHostSuffersTheOthersDoNotNotice() throws Exception {
    topics("good", "unknown", "waiting", "poisoned");
    try (TestServer server =
            serverWith(
                "{ name: good, topics: [good], record: \"good/{key}\" }",
                "{ name: unknown, topics: [unknown], format: avro, record:"
                    + " \"unknown/{payload.seat}\" }",
                "{ name: waiting, topics: [waiting], format: avro, record:"
                    + " \"waiting/{payload.seat}\" }",
                "{ name: poisoned, topics: [poisoned], record: \"poisoned/{key}\" }");
        RecordReader reader = new RecordReader(server.uri())) {
      int known = registry.register("waiting", "AVRO", SALE.toString());
      send("unknown", "k", frame(999_999, (byte) 0));
      send("unknown", "k", sale(known, "U1"));
      send("poisoned", "k", text("no JSON"));
      send("poisoned", "k", text("{'after':1}"));
      // Behind the dead letters, which have to be written first.
      holds(reader, "unknown/U1", "{'seat':'U1','cents':'9007199254740993','price':'12.50'}");
      holds(reader, "poisoned/k", "{'after':1}");
      assertThat(reason("unknown.dlq")).contains("999999");
      assertThat(reason("poisoned.dlq")).contains("JSON");

      int unasked = registry.register("later", "AVRO", SALE.toString().replace("Sale", "Later"));
      registry.freeze();
      try {
        send("waiting", "k", sale(unasked, "W1"));
        await().atMost(LONG).until(() -> server.metric("millrace_ingest_failed_total") > 0);
        for (int i = 0; i < 20; i++) {
          send("good", "k" + i, text("{'n':" + i + "}"));
        }
        holds(reader, "good/k19", "{'n':19}");
        assertThat(reader.version("waiting/W1")).isEqualTo(RecordReader.MISSING);
      } finally {
        registry.thaw();
      }
      holds(reader, "waiting/W1", "{'seat':'W1','cents':'9007199254740993','price':'12.50'}");
    }
  }

  private static void topics(String... names) {
    for (String name : names) {
      kafka.createTopic(name, 1);
    }
  }

  private static TestServer serverWith(String... sources) {
    return TestServer.with()
        .kafka(
            """
            { bootstrapServers: "%s", schemaRegistry: { urls: ["%s"], requestTimeout: 1s, unknownSchemaPatience: 2s }, \
            sources: [%s] }\
            """
                .formatted(kafka.bootstrapServers(), registry.url(), String.join(", ", sources)))
        .start();
  }

  private static void send(String topic, String key, byte @Nullable [] value) throws Exception {
    Object unused =
        producer
            .send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value))
            .get(90, TimeUnit.SECONDS);
  }

  private static byte[] text(String json) {
    return json.replace('\'', '"').getBytes(UTF_8);
  }

  /** As Confluent's serializers write it. */
  private static byte[] frame(int schema, byte... payload) {
    return ByteBuffer.allocate(5 + payload.length)
        .put((byte) 0)
        .putInt(schema)
        .put(payload)
        .array();
  }

  private static byte[] sale(int schema, String seat) throws IOException {
    GenericData.Record sale = new GenericData.Record(SALE);
    sale.put("seat", seat);
    sale.put("cents", (1L << 53) + 1);
    sale.put("price", ByteBuffer.wrap(new byte[] {0x04, (byte) 0xE2}));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericData.Record>(SALE).write(sale, encoder);
    encoder.flush();
    return frame(schema, out.toByteArray());
  }

  private static byte[] sold(int schema, String seat) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(out);
    // The first message of the file.
    message.writeRawByte(0);
    message.writeString(1, seat);
    message.writeInt64(2, (1L << 53) + 1);
    message.flush();
    return frame(schema, out.toByteArray());
  }

  private static void holds(RecordReader reader, String name, String json) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(reader.read(name).data())
                    .as(name)
                    .isEqualTo(Json.parse(json.replace('\'', '"')).orElseThrow()));
  }

  /** Why the first letter became one. */
  private static String reason(String topic) {
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      String[] reason = new String[1];
      await()
          .atMost(LONG)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(
                        letter ->
                            reason[0] =
                                new String(
                                    letter.headers().lastHeader("millrace.reason").value(), UTF_8));
                return reason[0] != null;
              });
      return reason[0];
    }
  }
}
