package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.mapping.JsonFormat;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import io.millrace.server.mapping.SourceMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to read one delta of 200 bytes of JSON, and the same in the formats with a
 * schema? The schema is known already, as it is for all messages but the first.
 *
 * <pre>bin/millrace bench jmh format.FormatBenchmark -prof gc</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FormatBenchmark {
  private static final String DELTA =
      """
      {"section": "Parkett links", "row": 12, "seat": "A-34", "state": "sold", "price": 12950,\
       "currency": "EUR", "buyer": "c9a3f0d2-5b1e-4f0c-9d7e-2a6b8c1d4e5f", "held": false,\
       "changed": 1700000000123}\
      """;

  private static final String AVRO =
      """
      {"type": "record", "name": "Seat", "fields": [
        {"name": "section", "type": "string"}, {"name": "row", "type": "int"},
        {"name": "seat", "type": "string"},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["free", "sold"]}},
        {"name": "price", "type": "long"}, {"name": "currency", "type": "string"},
        {"name": "buyer", "type": ["null", "string"]}, {"name": "held", "type": "boolean"},
        {"name": "changed", "type": "long"}]}
      """;

  private static final String PROTOBUF =
      """
      syntax = "proto3";
      message Seat {
        string section = 1; int32 row = 2; string seat = 3; State state = 4; int64 price = 5;
        string currency = 6; optional string buyer = 7; bool held = 8; int64 changed = 9;
        enum State { free = 0; sold = 1; }
      }
      """;

  private final JsonNode delta = Json.parse(new JsonText(DELTA)).orElseThrow();
  private final byte[] json = DELTA.getBytes(StandardCharsets.UTF_8);
  private final byte[] avro;
  private final byte[] protobuf;
  private final PayloadFormat avroFormat;
  private final PayloadFormat protobufFormat;

  public FormatBenchmark() {
    try {
      ParsedSchema avroSchema = parsed("AVRO", AVRO);
      ParsedSchema protobufSchema = parsed("PROTOBUF", PROTOBUF);
      avro = framed(avroOf(((ParsedSchema.Avro) avroSchema).schema()));
      // After the id: the first message of the file.
      protobuf = framed(0, protobufOf(((ParsedSchema.Protobuf) protobufSchema).file()));
      avroFormat =
          SchemaFormat.avro(id -> new SchemaSource.Lookup.Known(avroSchema), JsonRules.LOSSLESS);
      protobufFormat =
          SchemaFormat.protobuf(
              id -> new SchemaSource.Lookup.Known(protobufSchema), JsonRules.LOSSLESS);
    } catch (Malformed | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without this, refusing would be measured. */
  @Setup
  public void checkThatAllSayTheSame() {
    for (Decoded decoded : List.of(json(), avro(), protobuf())) {
      if (!(decoded instanceof Decoded.Value(JsonNode value))
          || !value.get("buyer").equals(delta.get("buyer"))
          || value.size() != delta.size()) {
        throw new IllegalStateException("not the delta: " + decoded);
      }
    }
  }

  @Benchmark
  public Decoded json() {
    return decode(JsonFormat.INSTANCE, json);
  }

  @Benchmark
  public Decoded avro() {
    return decode(avroFormat, avro);
  }

  @Benchmark
  public Decoded protobuf() {
    return decode(protobufFormat, protobuf);
  }

  private static Decoded decode(PayloadFormat format, byte[] bytes) {
    return format.decode(new SourceMessage("t", 0, 0, 0, null, bytes, List.of()), false, bytes);
  }

  private static ParsedSchema parsed(String type, String text) throws Malformed {
    return ParsedSchema.of(new RegisteredSchema(type, text, Map.of()));
  }

  private byte[] avroOf(Schema schema) throws IOException {
    GenericRecord seat = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      JsonNode value = delta.get(field.name());
      seat.put(
          field.pos(),
          switch (field.schema().getType()) {
            case INT -> value.intValue();
            case LONG -> value.longValue();
            case BOOLEAN -> value.booleanValue();
            case ENUM -> new GenericData.EnumSymbol(field.schema(), value.textValue());
            default -> value.textValue();
          });
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(seat, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private byte[] protobufOf(FileDescriptor file) {
    Descriptor type = file.getMessageTypes().get(0);
    DynamicMessage.Builder seat = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      JsonNode value = delta.get(field.getName());
      seat.setField(
          field,
          switch (field.getJavaType()) {
            case INT -> value.intValue();
            case LONG -> value.longValue();
            case BOOLEAN -> value.booleanValue();
            case ENUM -> field.getEnumType().findValueByName(value.textValue());
            default -> value.textValue();
          });
    }
    return seat.build().toByteArray();
  }

  private static byte[] framed(byte[] payload) {
    return ByteBuffer.allocate(5 + payload.length).put((byte) 0).putInt(1).put(payload).array();
  }

  private static byte[] framed(int first, byte[] payload) {
    byte[] indexed = new byte[1 + payload.length];
    indexed[0] = (byte) first;
    System.arraycopy(payload, 0, indexed, 1, payload.length);
    return framed(indexed);
  }
}
