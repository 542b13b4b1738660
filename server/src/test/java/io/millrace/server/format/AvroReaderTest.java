package io.millrace.server.format;

import static io.millrace.server.format.Framed.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.config.KafkaConfig.NumberForm;
import io.millrace.server.config.KafkaConfig.TimestampForm;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Avro's own encoder writes, read by ours. */
class AvroReaderTest {
  private static final JsonRules NUMBERS =
      new JsonRules(NumberForm.NUMBER, NumberForm.NUMBER, TimestampForm.NUMBER);

  private static final int FRAME = 5;

  @Test
  void everyTypeHasItsJson() throws Malformed {
    Schema schema =
        parse(
            """
            {"type": "record", "name": "All", "fields": [
              {"name": "yes", "type": "boolean"},
              {"name": "int", "type": "int"},
              {"name": "long", "type": "long"},
              {"name": "float", "type": "float"},
              {"name": "double", "type": "double"},
              {"name": "text", "type": "string"},
              {"name": "bytes", "type": "bytes"},
              {"name": "fixed", "type": {"type": "fixed", "name": "F", "size": 2}},
              {"name": "symbol", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
              {"name": "list", "type": {"type": "array", "items": "int"}},
              {"name": "map", "type": {"type": "map", "values": "string"}},
              {"name": "nothing", "type": ["null", "string"]},
              {"name": "something", "type": ["null", "string", "All"]}]}
            """);
    GenericRecord inner = new GenericData.Record(schema);
    fill(inner, schema);
    inner.put("something", null);
    GenericRecord outer = new GenericData.Record(schema);
    fill(outer, schema);
    outer.put("something", inner);

    String fields =
        "'yes': true, 'int': -7, 'long': 9007199254740991, 'float': 0.1, 'double': -2.5E-7,"
            + " 'text': 'Füße \uFFFD', 'bytes': 'AP8=', 'fixed': 'AQI=', 'symbol': 'B',"
            + " 'list': [1, 2, 3], 'map': {'k': 'v'}, 'nothing': null, 'something': ";
    JsonNode read = roundTrip(schema, outer, JsonRules.LOSSLESS);
    assertThat(read).isEqualTo(json("{" + fields + "{" + fields + "null}}"));
    assertThat(read).as("as if parsed").isEqualTo(Json.parse(Json.text(read)).orElseThrow());
  }

  private static void fill(GenericRecord all, Schema schema) {
    all.put("yes", true);
    all.put("int", -7);
    all.put("long", 9007199254740991L);
    all.put("float", 0.1f);
    all.put("double", -2.5e-7);
    all.put("text", "Füße \uFFFD");
    all.put("bytes", ByteBuffer.wrap(new byte[] {0, -1}));
    all.put("fixed", new GenericData.Fixed(schema.getField("fixed").schema(), new byte[] {1, 2}));
    all.put("symbol", new GenericData.EnumSymbol(schema.getField("symbol").schema(), "B"));
    all.put("list", List.of(1, 2, 3));
    all.put("map", Map.of("k", "v"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "long  | timestamp-millis       | -1                  | 1969-12-31T23:59:59.999Z",
        "long  | timestamp-micros       | 1700000000000001    | 2023-11-14T22:13:20.000001Z",
        "long  | timestamp-nanos        | 1700000000000000001 | 2023-11-14T22:13:20.000000001Z",
        "long  | timestamp-millis       | 9223372036854775807 | +292278994-08-17T07:12:55.807Z",
        "long  | local-timestamp-millis | 0                   | 1970-01-01T00:00",
        "long  | time-micros            | 1                   | 00:00:00.000001",
        "int   | time-millis            | 86399999            | 23:59:59.999",
        "int   | date                   | -1                  | 1969-12-31",
      })
  void timesAreText(String type, String logical, long value, String expected) throws Malformed {
    Schema schema = parse("{'type': '%s', 'logicalType': '%s'}".formatted(type, logical));
    Object datum = type.equals("int") ? (Object) (int) value : (Object) value;

    assertThat(roundTrip(schema, datum, JsonRules.LOSSLESS).textValue()).isEqualTo(expected);
    assertThat(roundTrip(schema, datum, NUMBERS).longValue()).isEqualTo(value);
  }

  @Test
  void aTimeOutsideOfTheDayIsRefused() {
    Schema schema = parse("{'type': 'int', 'logicalType': 'time-millis'}");

    assertRefused(schema, Framed.avro(1, schema, 86_400_000), "outside of the day");
  }

  @Test
  void decimalsKeepEveryDigit() throws Malformed {
    Schema bytes =
        parse(
            """
            {"type": "record", "name": "R", "fields": [{"name": "d", "type":
              {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 3}}]}
            """);
    GenericRecord price = new GenericData.Record(bytes);
    String digits = "-123456789012345678901234567890123";
    price.put("d", ByteBuffer.wrap(new BigInteger(digits).toByteArray()));

    assertThat(roundTrip(bytes, price, JsonRules.LOSSLESS))
        .isEqualTo(json("{'d': '-123456789012345678901234567890.123'}"));
    assertThat(roundTrip(bytes, price, NUMBERS))
        .isEqualTo(json("{'d': -123456789012345678901234567890.123}"));
  }

  @Test
  void numbersThatJavaScriptWouldRoundAreText() throws Malformed {
    Schema schema = parse("'long'");
    long first = 1L << 53;

    assertThat(roundTrip(schema, first - 1, JsonRules.LOSSLESS)).isEqualTo(json("" + (first - 1)));
    assertThat(roundTrip(schema, first, JsonRules.LOSSLESS)).isEqualTo(json("'" + first + "'"));
    assertThat(roundTrip(schema, -first, JsonRules.LOSSLESS)).isEqualTo(json("'-" + first + "'"));
    assertThat(roundTrip(schema, first, NUMBERS)).isEqualTo(json("" + first));
  }

  @Test
  void whatIsNoJsonNumberIsText() throws Malformed {
    assertThat(roundTrip(parse("'double'"), Double.NaN, NUMBERS)).isEqualTo(json("'NaN'"));
    assertThat(roundTrip(parse("'float'"), Float.NEGATIVE_INFINITY, NUMBERS))
        .isEqualTo(json("'-Infinity'"));
  }

  @Test
  void uuidsAndDurationsAreText() throws Malformed {
    Schema uuid = parse("{'type': 'fixed', 'name': 'U', 'size': 16, 'logicalType': 'uuid'}");
    Schema duration =
        parse("{'type': 'fixed', 'name': 'D', 'size': 12, 'logicalType': 'duration'}");
    byte[] sixteen = new byte[16];
    sixteen[15] = 1;
    byte[] twelve = {1, 0, 0, 0, 2, 0, 0, 0, (byte) 0xdc, 5, 0, 0};

    assertThat(roundTrip(uuid, new GenericData.Fixed(uuid, sixteen), NUMBERS).textValue())
        .isEqualTo("00000000-0000-0000-0000-000000000001");
    assertThat(roundTrip(duration, new GenericData.Fixed(duration, twelve), NUMBERS).textValue())
        .isEqualTo("P1M2DT1.500S");
  }

  /** Confluent's serializer writes them without their length. */
  @Test
  void bytesThatAreAllThereIsAreTaken() throws Malformed {
    assertThat(AvroReader.read(parse("'bytes'"), new byte[] {1, 2, 3}, 1, NUMBERS).textValue())
        .isEqualTo("AgM=");
  }

  @Test
  void whatIsClaimedAndNotThereIsRefused() {
    Schema list = parse("{'type': 'array', 'items': 'int'}");
    Schema nulls = parse("{'type': 'array', 'items': 'null'}");
    Schema deep =
        parse("{'type': 'record', 'name': 'R', 'fields': [{'name': 'r', 'type': ['null', 'R']}]}");
    byte[] most = {-2, -1, -1, -1, -1, -1, -1, -1, -1, 1};

    assertRefused(parse("'string'"), Framed.frame(1, most), "claims 9223372036854775807 bytes");
    assertRefused(parse("'string'"), Framed.frame(1, (byte) 1), "claims -1 bytes");
    assertRefused(list, Framed.frame(1, most), "claims 1 bytes where 0 are left");
    assertRefused(nulls, Framed.frame(1, most), "values that take no bytes");
    assertRefused(
        parse("{'type': 'record', 'name': 'R', 'fields': [{'name': 'r', 'type': 'R'}]}"),
        Framed.frame(1),
        "deeper than " + Limits.MAX_JSON_DEPTH);
    byte[] nested = new byte[Limits.MAX_JSON_DEPTH + 1];
    Arrays.fill(nested, (byte) 2);
    assertRefused(deep, Framed.frame(1, nested), "deeper than " + Limits.MAX_JSON_DEPTH);
    assertRefused(parse("'string'"), Framed.frame(1, (byte) 2, (byte) 0xff), "not UTF-8");
    assertRefused(parse("'int'"), Framed.frame(1, (byte) 0, (byte) 0), "1 bytes more");
    assertRefused(parse("['null', 'int']"), Framed.frame(1, (byte) 8), "branch 4 of 2");
  }

  /** Also that nothing but a refusal is thrown, and that it takes no memory to speak of. */
  @Test
  void garbageIsRead() {
    Schema schema =
        SchemaBuilder.record("R")
            .fields()
            .name("a")
            .type(
                SchemaBuilder.array()
                    .items(
                        SchemaBuilder.map()
                            .values(
                                SchemaBuilder.unionOf().nullType().and().stringType().endUnion())))
            .noDefault()
            .requiredBytes("b")
            .requiredDouble("c")
            .name("d")
            .type(parse("{'type': 'bytes', 'logicalType': 'big-decimal'}"))
            .noDefault()
            .name("e")
            .type(parse("{'type': 'long', 'logicalType': 'time-micros'}"))
            .noDefault()
            .endRecord();
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        // Small numbers lead further.
        for (int j = 0; j < bytes.length; j++) {
          bytes[j] &= 7;
        }
      }
      try {
        AvroReader.read(schema, bytes, 0, JsonRules.LOSSLESS);
      } catch (Malformed e) {
        // As it should be.
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void assertRefused(Schema schema, byte[] framed, String reason) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> AvroReader.read(schema, framed, FRAME, JsonRules.LOSSLESS))
        .withMessageContaining(reason);
  }

  private static JsonNode roundTrip(Schema schema, Object datum, JsonRules rules) throws Malformed {
    return AvroReader.read(schema, Framed.avro(1, schema, datum), FRAME, rules);
  }

  private static Schema parse(String text) {
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }
}
