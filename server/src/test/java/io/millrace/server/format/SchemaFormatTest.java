package io.millrace.server.format;

import static io.millrace.server.format.Framed.decode;
import static io.millrace.server.format.Framed.frame;
import static io.millrace.server.format.Framed.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Format;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.format.SchemaSource.Lookup;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SchemaFormatTest {
  private static final CompletableFuture<Void> LATER = new CompletableFuture<>();

  private final AtomicInteger lookups = new AtomicInteger();
  private final PayloadFormat avro = SchemaFormat.avro(this::schema, JsonRules.LOSSLESS);
  private final PayloadFormat protobuf = SchemaFormat.protobuf(this::schema, JsonRules.LOSSLESS);

  private Lookup schema(int id) {
    lookups.incrementAndGet();
    try {
      return switch (id) {
        case 1 -> known("AVRO", "\"int\"");
        case 2 -> known("PROTOBUF", "syntax = \"proto3\"; message M { int32 n = 1; }");
        case 3 -> new Lookup.Pending("asked for", LATER);
        default -> new Lookup.None("no schema " + id);
      };
    } catch (Malformed e) {
      throw new AssertionError(e);
    }
  }

  private static Lookup known(String type, String text) throws Malformed {
    return new Lookup.Known(ParsedSchema.of(new RegisteredSchema(type, text, Map.of())));
  }

  @Test
  void theSchemaIsLookedUpWhenItChanges() {
    for (int i = 0; i < 3; i++) {
      assertThat(decode(avro, frame(1, (byte) 2))).isEqualTo(new Decoded.Value(json("1")));
    }
    assertThat(lookups).hasValue(1);
    assertRefused(decode(avro, frame(4)), "cannot be read: no schema 4");
    assertThat(decode(avro, frame(1, (byte) 4))).isEqualTo(new Decoded.Value(json("2")));
  }

  @Test
  void aSchemaThatIsAskedForIsWaitedFor() {
    assertThat(decode(avro, frame(3))).isEqualTo(new Decoded.Unavailable("asked for", LATER));
  }

  @Test
  void whatIsNotInTheWireFormatIsRefused() {
    assertRefused(decode(avro, new byte[] {0, 0, 0, 1}), "has 4 bytes, too few");
    assertRefused(decode(avro, "{\"a\": 1}".getBytes(StandardCharsets.UTF_8)), "wire format");
    assertRefused(decode(avro, frame(-1)), "schema id below 0");
    assertRefused(
        decode(avro, frame(2, (byte) 0)), "has a schema of type PROTOBUF (as AVRO by schema 2)");
    assertRefused(decode(protobuf, frame(1, (byte) 0)), "has a schema of type AVRO");
    assertRefused(decode(protobuf, frame(2)), "claims 1 bytes where 0 are left");
    assertRefused(decode(protobuf, frame(2, (byte) 0, (byte) 8)), "is no M: ");
  }

  @Test
  void plainFormatsNeedNoRegistry() {
    try (PayloadFormats formats = new PayloadFormats(new KafkaConfig("b", Map.of(), List.of()))) {
      PayloadFormat text = formats.key(Framed.source(Format.JSON, Format.TEXT));
      PayloadFormat plain = formats.value(Framed.source(Format.JSON, Format.TEXT));
      PayloadFormat checked = formats.value(Framed.source(Format.JSON_SCHEMA, Format.TEXT));
      byte[] object = "{\"a\": 9007199254740993.10}".getBytes(StandardCharsets.UTF_8);

      assertThat(decode(text, "é".getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(new Decoded.Value(json("'é'")));
      assertRefused(decode(text, new byte[] {(byte) 0xff}), "is not UTF-8");
      assertThat(decode(plain, object))
          .isEqualTo(new Decoded.Value(json("{'a': 9007199254740993.10}")));
      assertRefused(decode(plain, frame(1, object)), "is not one JSON value");
      assertThat(decode(checked, frame(99, object))).isEqualTo(decode(plain, object));
      assertRefused(decode(checked, object), "wire format");
    }
  }

  @Test
  void garbageIsRefusedWithAReason() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] payload = new byte[random.nextInt(20)];
      random.nextBytes(payload);
      byte[] bytes = random.nextInt(8) == 0 ? payload : frame(random.nextInt(1, 3), payload);
      for (PayloadFormat format : List.of(avro, protobuf)) {
        assertThat(decode(format, bytes))
            .as("seed %d", seed)
            .isNotInstanceOf(Decoded.Unavailable.class);
      }
    }
  }

  private static void assertRefused(Decoded decoded, String reason) {
    assertThat(decoded)
        .isInstanceOfSatisfying(
            Decoded.Refused.class, refused -> assertThat(refused.reason()).contains(reason));
  }
}
