package io.millrace.server.format;

import static io.millrace.server.format.Framed.concat;
import static io.millrace.server.format.Framed.decode;
import static io.millrace.server.format.Framed.frame;
import static io.millrace.server.format.Framed.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Timestamp;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Format;
import io.millrace.server.config.SchemaRegistryConfig;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import io.millrace.testkit.EmbeddedSchemaRegistry;
import io.millrace.testkit.EmbeddedSchemaRegistry.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real registry; one for all tests, because it takes seconds to start. */
class PayloadFormatsIT {
  private static final EmbeddedSchemaRegistry REGISTRY = EmbeddedSchemaRegistry.create();
  private static final KafkaConfig.Source AVRO = Framed.source(Format.AVRO, Format.AVRO);
  private static final KafkaConfig.Source PROTOBUF = Framed.source(Format.PROTOBUF, Format.TEXT);

  private final PayloadFormats formats = formats(Duration.ofSeconds(60), Duration.ofSeconds(120));

  @BeforeAll
  static void start() {
    REGISTRY.start();
  }

  @AfterAll
  static void stop() {
    REGISTRY.close();
  }

  @AfterEach
  void close() {
    formats.close();
  }

  private static PayloadFormats formats(Duration requestTimeout, Duration patience) {
    SchemaRegistryConfig none = SchemaRegistryConfig.NONE;
    SchemaRegistryConfig registry =
        new SchemaRegistryConfig(
            List.of(REGISTRY.url() + "/"), null, null, null, none.tls(), requestTimeout, patience);
    return new PayloadFormats(
        new KafkaConfig("127.0.0.1:1", Map.of(), registry, List.of(AVRO, PROTOBUF), List.of()));
  }

  @Test
  void avroSchemasMayChangeForwardsAndBackwards() {
    Schema v1 = sale("{'name': 'seat', 'type': 'string'}");
    Schema v2 =
        sale(
            "{'name': 'seat', 'type': 'string'}, {'name': 'price', 'type': {'type': 'bytes',"
                + " 'logicalType': 'decimal', 'precision': 9, 'scale': 2}, 'default': ''}");
    Schema v3 = sale("{'name': 'row', 'type': ['null', 'int'], 'default': null}");
    PayloadFormat format = formats.value(AVRO);
    byte[] first = sale(REGISTRY.register("sale", "AVRO", v1.toString()), v1, Map.of("seat", "1"));
    assertThat(value(format, first)).isEqualTo(json("{'seat': '1'}"));

    byte[] second =
        sale(
            REGISTRY.register("sale", "AVRO", v2.toString()),
            v2,
            Map.of("seat", "2", "price", ByteBuffer.wrap(new byte[] {100})));
    byte[] third = sale(REGISTRY.register("sale", "AVRO", v3.toString()), v3, Map.of("row", 7));
    for (int i = 0; i < 2; i++) {
      assertThat(value(format, second)).isEqualTo(json("{'seat': '2', 'price': '1.00'}"));
      assertThat(value(format, third)).isEqualTo(json("{'row': 7}"));
      assertThat(value(format, first)).isEqualTo(json("{'seat': '1'}"));
    }
    assertThat(value(formats.key(AVRO), third)).isEqualTo(json("{'row': 7}"));
    assertThat(formats.registryRequests()).isEqualTo(3);
  }

  @Test
  void avroSchemasMayReferToOthers() {
    String money =
        "{\"type\": \"record\", \"name\": \"shop.Money\", \"fields\": [{\"name\": \"cents\","
            + " \"type\": \"long\"}]}";
    String item =
        "{\"type\": \"record\", \"name\": \"shop.Item\", \"fields\": [{\"name\": \"price\","
            + " \"type\": \"shop.Money\"}]}";
    String order =
        "{\"type\": \"record\", \"name\": \"shop.Order\", \"fields\": [{\"name\": \"items\","
            + " \"type\": {\"type\": \"array\", \"items\": \"shop.Item\"}}]}";
    REGISTRY.register("money", "AVRO", money);
    REGISTRY.register("item", "AVRO", item, new Reference("shop.Money", "money", 1));
    int id = REGISTRY.register("order", "AVRO", order, new Reference("shop.Item", "item", 1));

    // One item of 5 cents.
    assertThat(value(formats.value(AVRO), frame(id, (byte) 2, (byte) 10, (byte) 0)))
        .isEqualTo(json("{'items': [{'price': {'cents': 5}}]}"));
  }

  @Test
  void protobufSchemasMayImportOthersAndChange() throws Malformed {
    String common =
        "syntax = \"proto3\"; package shop; message Money { int64 cents = 1; string of = 2; }";
    String v1 =
        """
        syntax = "proto3";
        package shop;
        import "shop/money.proto";
        import "google/protobuf/timestamp.proto";
        message Other {}
        message Sold { Money price = 1; google.protobuf.Timestamp at = 2; }
        """;
    String v2 = v1.replace("at = 2;", "at = 2; optional string seat = 3;");
    REGISTRY.register("common", "PROTOBUF", common);
    Reference reference = new Reference("shop/money.proto", "common", 1);
    int first = REGISTRY.register("sold", "PROTOBUF", v1, reference);
    int second = REGISTRY.register("sold", "PROTOBUF", v2, reference);
    Descriptor sold =
        ProtoFiles.build(new RegisteredSchema("PROTOBUF", v2, Map.of("shop/money.proto", common)))
            .findMessageTypeByName("Sold");
    Descriptor money = sold.findFieldByName("price").getMessageType();
    DynamicMessage price =
        DynamicMessage.newBuilder(money).setField(money.findFieldByName("cents"), 1L << 60).build();
    byte[] message =
        DynamicMessage.newBuilder(sold)
            .setField(sold.findFieldByName("price"), price)
            .setField(sold.findFieldByName("at"), Timestamp.newBuilder().setSeconds(86_400).build())
            .setField(sold.findFieldByName("seat"), "A1")
            .build()
            .toByteArray();
    byte[] secondMessage = {2, 2};
    String known =
        "'price': {'cents': '1152921504606846976', 'of': ''}, 'at': '1970-01-02T00:00:00Z'";

    assertThat(value(formats.value(PROTOBUF), frame(second, concat(secondMessage, message))))
        .isEqualTo(json("{" + known + ", 'seat': 'A1'}"));
    assertThat(value(formats.value(PROTOBUF), frame(first, concat(secondMessage, message))))
        .isEqualTo(json("{" + known + "}"));
    assertThat(value(formats.value(PROTOBUF), frame(first, (byte) 0))).isEqualTo(json("{}"));
  }

  @Test
  void aSchemaMayBeRegisteredAfterItsMessage() {
    int last = REGISTRY.register("late-before", "AVRO", "{\"type\": \"int\", \"x\": 1}");
    byte[] message = frame(last + 1, (byte) 2);
    PayloadFormat format = formats.value(AVRO);
    Decoded waiting = decode(format, message);
    while (!waiting.equals(decode(format, message))
        || !((Decoded.Unavailable) waiting).reason().contains("does not know")) {
      await(waiting);
      waiting = decode(format, message);
    }

    assertThat(REGISTRY.register("late", "AVRO", "{\"type\": \"int\", \"x\": 2}"))
        .isEqualTo(last + 1);
    assertThat(value(format, message)).isEqualTo(json("1"));
  }

  @Test
  void aSchemaThatNobodyRegistersIsRefused() {
    try (PayloadFormats impatient = formats(Duration.ofSeconds(60), Duration.ofMillis(100))) {
      for (int id : new int[] {987_654_321, Integer.MAX_VALUE, 0}) {
        assertThat(settled(impatient.value(AVRO), frame(id)))
            .isEqualTo(
                new Decoded.Refused(
                    "payload cannot be read: the schema registry knows no schema " + id));
      }
    }
  }

  @Test
  void aSchemaOfAnotherFormatIsRefused() {
    int id =
        REGISTRY.register(
            "json", "JSON", "{\"$schema\": \"http://json-schema.org/draft-07/schema#\"}");
    byte[] message = frame(id, "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));

    assertThat(settled(formats.value(AVRO), message))
        .isEqualTo(
            new Decoded.Refused(
                "payload has a schema of type JSON (as AVRO by schema %d)".formatted(id)));
    assertThat(value(formats.value(Framed.source(Format.JSON_SCHEMA, Format.TEXT)), message))
        .isEqualTo(json("{'a': 1}"));
  }

  /** Known schemas stay of use; others wait until the registry is back, even as another process. */
  @Test
  void anOutageOfTheRegistryIsWaitedFor() {
    try (PayloadFormats quick = formats(Duration.ofMillis(300), Duration.ofSeconds(120))) {
      int known = REGISTRY.register("known", "AVRO", "{\"type\": \"int\", \"y\": 1}");
      int next = REGISTRY.register("next", "AVRO", "{\"type\": \"int\", \"y\": 2}");
      PayloadFormat format = quick.value(AVRO);
      assertThat(value(format, frame(known, (byte) 2))).isEqualTo(json("1"));

      REGISTRY.freeze();
      assertWaitsForTheRegistry(format, frame(next, (byte) 4), "no answer within 300 ms");
      assertThat(value(format, frame(known, (byte) 2))).isEqualTo(json("1"));
      REGISTRY.thaw();
      assertThat(value(format, frame(next, (byte) 4))).isEqualTo(json("2"));
      assertThat(quick.registryIsAway()).isFalse();

      REGISTRY.kill();
      byte[] late = frame(next + 1, (byte) 6);
      assertWaitsForTheRegistry(format, late, "Exception");
      assertThat(value(format, frame(known, (byte) 2))).isEqualTo(json("1"));
      REGISTRY.start();
      for (int id = 0; id <= next; ) {
        id = REGISTRY.register("again", "AVRO", "{\"type\": \"int\", \"z\": %d}".formatted(id));
      }
      assertThat(value(format, late)).isEqualTo(json("3"));
    }
  }

  private static void assertWaitsForTheRegistry(
      PayloadFormat format, byte[] message, String reason) {
    await(decode(format, message));
    assertThat(decode(format, message))
        .isInstanceOfSatisfying(
            Decoded.Unavailable.class,
            waiting ->
                assertThat(waiting.reason())
                    .startsWith("the schema registry cannot be asked: http://127.0.0.1")
                    .contains(reason));
  }

  private static JsonNode value(PayloadFormat format, byte[] message) {
    Decoded decoded = settled(format, message);
    assertThat(decoded).isInstanceOf(Decoded.Value.class);
    return ((Decoded.Value) decoded).json();
  }

  /** As an ingest does it: again whenever it is worth it. */
  private static Decoded settled(PayloadFormat format, byte[] message) {
    Decoded decoded = decode(format, message);
    while (decoded instanceof Decoded.Unavailable) {
      await(decoded);
      decoded = decode(format, message);
    }
    return decoded;
  }

  private static void await(Decoded decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Unavailable.class);
    ((Decoded.Unavailable) decoded)
        .until()
        .toCompletableFuture()
        .orTimeout(120, TimeUnit.SECONDS)
        .join();
  }

  private static Schema sale(String fields) {
    return new Schema.Parser()
        .parse(
            "{'type': 'record', 'name': 'Sale', 'fields': [%s]}"
                .formatted(fields)
                .replace('\'', '"'));
  }

  private static byte[] sale(int id, Schema schema, Map<String, Object> fields) {
    GenericRecord sale = new GenericData.Record(schema);
    fields.forEach(sale::put);
    return Framed.avro(id, schema, sale);
  }
}
