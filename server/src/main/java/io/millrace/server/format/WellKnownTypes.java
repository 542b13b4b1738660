package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Messages that mean more than their fields: protobuf's own, and Confluent's decimal. */
final class WellKnownTypes {
  private final Values values;
  private final ProtobufReader reader;

  WellKnownTypes(Values values, ProtobufReader reader) {
    this.values = values;
    this.reader = reader;
  }

  /** What {@code message} means; null if it is a message like any other. */
  @Nullable JsonNode convert(Message message) throws Malformed {
    Descriptor type = message.getDescriptorForType();
    return switch (type.getFullName()) {
      case "google.protobuf.Timestamp" -> timestamp(message);
      case "google.protobuf.Duration" -> duration(message);
      case "google.protobuf.DoubleValue",
          "google.protobuf.FloatValue",
          "google.protobuf.Int64Value",
          "google.protobuf.UInt64Value",
          "google.protobuf.Int32Value",
          "google.protobuf.UInt32Value",
          "google.protobuf.BoolValue",
          "google.protobuf.StringValue",
          "google.protobuf.BytesValue" ->
          reader.value(field(type, 1), get(message, 1));
      // An object of fields, or an array of values: the only field is what it means.
      case "google.protobuf.Struct", "google.protobuf.ListValue" ->
          reader.repeated(field(type, 1), message);
      case "google.protobuf.Value" -> anyValue(message);
      case "google.protobuf.Any" ->
          JsonNodeFactory.instance
              .objectNode()
              .put("@type", (String) get(message, 1))
              .set("value", values.bytes(((ByteString) get(message, 2)).toByteArray()));
      case "confluent.type.Decimal" ->
          values.decimal(((ByteString) get(message, 1)).toByteArray(), (Integer) get(message, 3));
      default -> null;
    };
  }

  private JsonNode timestamp(Message message) throws Malformed {
    try {
      return values.instant(
          Instant.ofEpochSecond((Long) get(message, 1), (Integer) get(message, 2)));
    } catch (DateTimeException | ArithmeticException e) {
      throw new Malformed("has a timestamp that no calendar has");
    }
  }

  private JsonNode duration(Message message) throws Malformed {
    try {
      return values.duration(Duration.ofSeconds((Long) get(message, 1), (Integer) get(message, 2)));
    } catch (ArithmeticException e) {
      throw new Malformed("has a duration that is too long");
    }
  }

  private JsonNode anyValue(Message message) throws Malformed {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (message.hasField(field)) {
        return reader.value(field, message.getField(field));
      }
    }
    return NullNode.instance;
  }

  private static FieldDescriptor field(Descriptor type, int number) {
    return type.findFieldByNumber(number);
  }

  private static Object get(Message message, int number) {
    return message.getField(field(message.getDescriptorForType(), number));
  }
}
