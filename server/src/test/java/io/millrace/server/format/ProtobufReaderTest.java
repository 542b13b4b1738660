package io.millrace.server.format;

import static io.millrace.server.format.Framed.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Int64Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.config.KafkaConfig.NumberForm;
import io.millrace.server.config.KafkaConfig.TimestampForm;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages that protobuf itself writes, of schemas that are text. */
class ProtobufReaderTest {
  private static final JsonRules NUMBERS =
      new JsonRules(NumberForm.NUMBER, NumberForm.NUMBER, TimestampForm.NUMBER);

  private static final String ALL =
      """
      syntax = "proto3";
      package shop.v1;
      import "google/protobuf/timestamp.proto";
      import "google/protobuf/duration.proto";
      import "google/protobuf/any.proto";
      import "google/protobuf/struct.proto";
      import "google/protobuf/wrappers.proto";
      import "confluent/type/decimal.proto";
      import "confluent/meta.proto";
      option java_package = "x";

      // A comment, and options that nobody here knows.
      message Sale {
        option (confluent.message_meta).doc = "a sale";
        int32 small_number = 1;
        sint64 big = 2 [(confluent.field_meta) = { params: [{ key: "a", value: "b" }] }];
        fixed64 unsigned = 3;
        uint32 unsigned32 = 4;
        bytes raw = 5;
        string text = 6;
        bool yes = 7;
        float rate = 8;
        double ratio = 9;
        Kind kind = 10;
        repeated int32 numbers = 11 [packed = true];
        map<string, Sale.Line> lines = 12;
        map<int32, string> names_of = 13;
        optional int32 maybe = 14;
        oneof choice { string left = 15; Line right = 16; }
        Line line = 17;
        google.protobuf.Timestamp at = 18;
        google.protobuf.Duration took = 19;
        google.protobuf.Any any = 20;
        google.protobuf.Struct free = 21;
        google.protobuf.Int64Value wrapped = 22;
        google.protobuf.StringValue unwrapped = 23;
        confluent.type.Decimal price = 24;
        reserved 30 to 40;
        message Line { string item = 1; }
        enum Kind { NONE = 0; SOME = 1; reserved 9; }
      }
      service Sales { rpc Sell (Sale) returns (Sale); }
      """;

  @Test
  void fieldsWithoutPresenceAreAlwaysThere() throws Malformed {
    assertThat(read(DynamicMessage.getDefaultInstance(sale()), JsonRules.LOSSLESS))
        .isEqualTo(
            json(
                "{'small_number': 0, 'big': 0, 'unsigned': 0, 'unsigned32': 0, 'raw': '',"
                    + " 'text': '', 'yes': false, 'rate': 0.0, 'ratio': 0.0, 'kind': 'NONE',"
                    + " 'numbers': [], 'lines': {}, 'names_of': {}}"));
  }

  @Test
  void everyTypeHasItsJson() throws Malformed {
    Descriptor sale = sale();
    Message line = message(sale.findNestedTypeByName("Line"), Map.of("item", "seat"));
    Message sold =
        DynamicMessage.newBuilder(sale)
            .setField(field("small_number"), -1)
            .setField(field("big"), 1L << 53)
            .setField(field("unsigned"), -1L)
            .setField(field("unsigned32"), -1)
            .setField(field("raw"), ByteString.copyFrom(new byte[] {1}))
            .setField(field("text"), "Füße")
            .setField(field("yes"), true)
            .setField(field("rate"), 0.1f)
            .setField(field("ratio"), Double.NaN)
            .setField(field("kind"), sale.findEnumTypeByName("Kind").findValueByName("SOME"))
            .addRepeatedField(field("numbers"), 1)
            .addRepeatedField(field("numbers"), 2)
            .addRepeatedField(field("lines"), entry("lines", "a.b", line))
            .addRepeatedField(field("names_of"), entry("names_of", 7, "seven"))
            .setField(field("maybe"), 0)
            .setField(field("right"), line)
            .setField(field("line"), DynamicMessage.getDefaultInstance(line.getDescriptorForType()))
            .build();

    assertThat(read(sold, JsonRules.LOSSLESS))
        .isEqualTo(
            json(
                "{'small_number': -1, 'big': '9007199254740992',"
                    + " 'unsigned': '18446744073709551615', 'unsigned32': 4294967295, 'raw':"
                    + " 'AQ==', 'text': 'Füße', 'yes': true, 'rate': 0.1, 'ratio': 'NaN', 'kind':"
                    + " 'SOME', 'numbers': [1, 2], 'lines': {'a.b': {'item': 'seat'}}, 'names_of':"
                    + " {'7': 'seven'}, 'maybe': 0, 'right': {'item': 'seat'}, 'line': {'item':"
                    + " ''}}"));
    assertThat(read(sold, NUMBERS).path("unsigned")).isEqualTo(json("18446744073709551615"));
  }

  @Test
  void wellKnownTypesMeanSomething() throws Malformed {
    Message price =
        message(
            field("price").getMessageType(),
            Map.of("value", ByteString.copyFrom(new byte[] {(byte) 0xff, 0x01}), "scale", 2));
    Message sold =
        DynamicMessage.newBuilder(sale())
            .setField(field("at"), Timestamp.newBuilder().setSeconds(1).setNanos(1_000).build())
            .setField(field("took"), Duration.newBuilder().setSeconds(61).build())
            .setField(
                field("any"),
                Any.newBuilder()
                    .setTypeUrl("a/b")
                    .setValue(ByteString.copyFrom(new byte[] {1}))
                    .build())
            .setField(
                field("free"),
                Struct.newBuilder()
                    .putFields("n", Value.newBuilder().setNumberValue(1.5).build())
                    .putFields("z", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
                    .putFields(
                        "l",
                        Value.newBuilder()
                            .setListValue(
                                ListValue.newBuilder()
                                    .addValues(Value.newBuilder().setBoolValue(true)))
                            .build())
                    .build())
            .setField(field("wrapped"), Int64Value.of(0))
            .setField(field("unwrapped"), StringValue.of("s"))
            .setField(field("price"), price)
            .build();

    JsonNode read = read(sold, JsonRules.LOSSLESS);
    assertThat(read.path("at")).isEqualTo(json("'1970-01-01T00:00:01.000001Z'"));
    assertThat(read.path("took")).isEqualTo(json("'PT1M1S'"));
    assertThat(read.path("any")).isEqualTo(json("{'@type': 'a/b', 'value': 'AQ=='}"));
    assertThat(read.path("free")).isEqualTo(json("{'n': 1.5, 'z': null, 'l': [true]}"));
    assertThat(read.path("wrapped")).isEqualTo(json("0"));
    assertThat(read.path("unwrapped")).isEqualTo(json("'s'"));
    assertThat(read.path("price")).isEqualTo(json("'-2.55'"));
    assertThat(read(sold, NUMBERS).path("at")).isEqualTo(json("1000.001"));
    assertThat(read(sold, NUMBERS).path("took")).isEqualTo(json("61000"));
    assertThat(read(sold, NUMBERS).path("price")).isEqualTo(json("-2.55"));
  }

  @Test
  void inProto2WhatIsNotSetIsNotThere() throws Malformed {
    FileDescriptor file =
        file(
            """
            package p;
            message M {
              required string must = 1;
              optional int32 may = 2 [default = 5];
              repeated string many = 3;
              optional group Inner = 4 { optional int32 n = 1; }
              enum E { A = 1; B = -1; }
              optional E e = 6;
            }
            """);
    Descriptor type = file.findMessageTypeByName("M");
    Message inner = message(type.findNestedTypeByName("Inner"), Map.of("n", 1));

    assertThat(ProtobufReader.read(type, new byte[0], 0, NUMBERS)).isEqualTo(json("{'many': []}"));
    assertThat(
            read(
                message(
                    type,
                    Map.of(
                        "must",
                        "x",
                        "inner",
                        inner,
                        "e",
                        type.findEnumTypeByName("E").findValueByNumber(-1))),
                NUMBERS))
        .isEqualTo(json("{'must': 'x', 'many': [], 'inner': {'n': 1}, 'e': 'B'}"));
  }

  @Test
  void aSymbolThatTheSchemaDoesNotHaveIsItsNumber() throws Malformed {
    assertThat(ProtobufReader.read(sale(), new byte[] {10 << 3, 5}, 0, NUMBERS).path("kind"))
        .isEqualTo(json("5"));
  }

  @Test
  void typesAreLookedUpFromTheInsideOut() throws Malformed {
    FileDescriptor file =
        file(
            """
            syntax = "proto3";
            package a.b;
            message X { int32 outer = 1; }
            message M {
              message X { int32 inner = 1; }
              X near = 1;
              .a.b.X absolute = 2;
              b.X partly = 3;
            }
            """);
    Descriptor type = file.findMessageTypeByName("M");

    assertThat(type.findFieldByName("near").getMessageType().getFullName()).isEqualTo("a.b.M.X");
    assertThat(type.findFieldByName("absolute").getMessageType().getFullName()).isEqualTo("a.b.X");
    assertThat(type.findFieldByName("partly").getMessageType().getFullName()).isEqualTo("a.b.X");
  }

  @Test
  void theMessageIsFoundByItsPlaces() throws Malformed {
    FileDescriptor file =
        file(
            """
            syntax = "proto3";
            message First { map<string, string> m = 1; message A {} message B { message C {} } }
            message Second {}
            """);

    assertThat(index(file, 0)).isEqualTo("First");
    assertThat(index(file, 2, 2)).isEqualTo("Second");
    assertThat(index(file, 6, 0, 2, 0)).isEqualTo("First.B.C");
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> index(file, 2, 4))
        .withMessage("is message 2 of 2 of its schema");
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> index(file, 1))
        .withMessage("has an impossible index of its message");
  }

  private static String index(FileDescriptor file, int... bytes) throws Malformed {
    byte[] all = new byte[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = (byte) bytes[i];
    }
    MessageIndex index = MessageIndex.of(file, all, 0);
    assertThat(index.payloadAt()).isEqualTo(bytes.length);
    return index.message().getFullName();
  }

  @Test
  void aSchemaThatCannotBeReadSaysWhy() {
    assertUnreadable("nonsense", "is no .proto file");
    assertUnreadable("syntax = \"proto3\"; message M { Nowhere n = 1; }", "\"Nowhere\"");
    assertUnreadable(
        "syntax = \"proto3\"; import \"other.proto\"; message M { Other n = 1; }",
        "imports that nothing refers to: [other.proto]");
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(
            () ->
                ProtoFiles.build(
                    new RegisteredSchema(
                        "PROTOBUF",
                        "syntax = \"proto3\"; import \"a.proto\"; message M { A n = 1; }",
                        Map.of(
                            "a.proto", "syntax = \"proto3\"; import \"a.proto\"; message A {}"))))
        .withMessage("imports itself");
  }

  private static void assertUnreadable(String text, String reason) {
    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> file(text))
        .withMessageContaining(reason);
  }

  /** Two bytes each for objects of thousands of defaults. */
  @Test
  void defaultsAreLimited() throws Malformed {
    StringBuilder fields = new StringBuilder();
    for (int i = 1; i <= 1000; i++) {
      fields.append("int32 f").append(i).append(" = ").append(i).append("; ");
    }
    Descriptor type =
        file("syntax = \"proto3\"; message M { repeated W w = 1; } message W { " + fields + "}")
            .findMessageTypeByName("M");
    byte[] bytes = new byte[2000];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = 1 << 3 | 2;
    }

    assertThatExceptionOfType(Malformed.class)
        .isThrownBy(() -> ProtobufReader.read(type, bytes, 0, NUMBERS))
        .withMessageContaining("values that take no bytes");
  }

  @Test
  void garbageIsRead() throws Malformed {
    FileDescriptor file = file(ALL);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(48)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 2) {
        // A field that there is, of the right kind.
        int number = 1 + random.nextInt(24);
        bytes[1] = (byte) (number << 3 | random.nextInt(3));
        bytes[2] = (byte) random.nextInt(bytes.length);
        bytes[0] = 0;
      }
      try {
        MessageIndex index = MessageIndex.of(file, bytes, 0);
        ProtobufReader.read(index.message(), bytes, index.payloadAt(), JsonRules.LOSSLESS);
      } catch (Malformed e) {
        // As it should be.
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static JsonNode read(Message message, JsonRules rules) throws Malformed {
    return ProtobufReader.read(message.getDescriptorForType(), message.toByteArray(), 0, rules);
  }

  private static Message message(Descriptor type, Map<String, Object> fields) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    fields.forEach((name, value) -> message.setField(type.findFieldByName(name), value));
    return message.build();
  }

  private static Message entry(String field, Object key, Object value) {
    return message(field(field).getMessageType(), Map.of("key", key, "value", value));
  }

  private static final Descriptor SALE = parsedSale();

  private static Descriptor parsedSale() {
    try {
      return file(ALL).findMessageTypeByName("Sale");
    } catch (Malformed e) {
      throw new AssertionError(e);
    }
  }

  private static Descriptor sale() {
    return SALE;
  }

  private static FieldDescriptor field(String name) {
    return SALE.findFieldByName(name);
  }

  private static FileDescriptor file(String text) throws Malformed {
    return ProtoFiles.build(new RegisteredSchema("PROTOBUF", text, Map.of()));
  }
}
