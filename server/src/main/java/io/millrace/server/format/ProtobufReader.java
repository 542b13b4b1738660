package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.millrace.server.config.KafkaConfig.JsonRules;
import java.util.List;

/**
 * Protobuf to JSON. Fields have the names of the {@code .proto} file; those with presence appear if
 * they are set, all others always. For one message.
 */
final class ProtobufReader {
  private final Values values;
  private final WellKnownTypes wellKnown;

  private ProtobufReader(JsonRules rules) {
    this.values = new Values(rules);
    this.wellKnown = new WellKnownTypes(values, this);
  }

  static JsonNode read(Descriptor type, byte[] bytes, int at, JsonRules rules) throws Malformed {
    Message message;
    try {
      message =
          DynamicMessage.newBuilder(type).mergeFrom(bytes, at, bytes.length - at).buildPartial();
    } catch (InvalidProtocolBufferException e) {
      throw new Malformed("is no " + type.getFullName() + ": " + Malformed.brief(e));
    }
    return new ProtobufReader(rules).message(message);
  }

  JsonNode message(Message message) throws Malformed {
    values.enter();
    JsonNode json = wellKnown.convert(message);
    if (json == null) {
      json = object(message);
    }
    values.leave();
    return json;
  }

  private ObjectNode object(Message message) throws Malformed {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        object.set(field.getName(), repeated(field, message));
      } else if (message.hasField(field)) {
        object.set(field.getName(), value(field, message.getField(field)));
      } else if (!field.hasPresence()) {
        values.countedFree();
        object.set(field.getName(), value(field, message.getField(field)));
      }
    }
    return object;
  }

  /** All of a repeated field: an array, or an object if it is a map. */
  JsonNode repeated(FieldDescriptor field, Message message) throws Malformed {
    return field.isMapField() ? map(field, message) : array(field, message);
  }

  private ArrayNode array(FieldDescriptor field, Message message) throws Malformed {
    values.enter();
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    List<?> items = (List<?>) message.getField(field);
    if (items.isEmpty()) {
      values.countedFree();
    }
    for (Object item : items) {
      array.add(value(field, item));
    }
    values.leave();
    return array;
  }

  private ObjectNode map(FieldDescriptor field, Message message) throws Malformed {
    values.enter();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List<?> entries = (List<?>) message.getField(field);
    if (entries.isEmpty()) {
      values.countedFree();
    }
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    for (Object each : entries) {
      Message entry = (Message) each;
      object.set(keyText(key, entry.getField(key)), value(value, entry.getField(value)));
    }
    values.leave();
    return object;
  }

  private static String keyText(FieldDescriptor key, Object value) {
    return switch (key.getType()) {
      case UINT32, FIXED32 -> Integer.toUnsignedString((Integer) value);
      case UINT64, FIXED64 -> Long.toUnsignedString((Long) value);
      default -> value.toString();
    };
  }

  /** One value of a field, of an item of it if it is repeated. */
  JsonNode value(FieldDescriptor field, Object value) throws Malformed {
    values.counted();
    return switch (field.getType()) {
      case BOOL -> BooleanNode.valueOf((Boolean) value);
      case INT32, SINT32, SFIXED32 -> values.integer((Integer) value);
      case UINT32, FIXED32 -> values.integer(Integer.toUnsignedLong((Integer) value));
      case INT64, SINT64, SFIXED64 -> values.integer((Long) value);
      case UINT64, FIXED64 -> values.unsigned((Long) value);
      case FLOAT -> values.floating((float) (Float) value);
      case DOUBLE -> values.floating((double) (Double) value);
      case STRING -> TextNode.valueOf((String) value);
      case BYTES -> values.bytes(((ByteString) value).toByteArray());
      case ENUM -> symbol((EnumValueDescriptor) value);
      case MESSAGE, GROUP -> message((Message) value);
    };
  }

  private JsonNode symbol(EnumValueDescriptor symbol) {
    if (symbol.getType().getFullName().equals("google.protobuf.NullValue")) {
      return NullNode.instance;
    }
    // One that the schema does not know stands for its number.
    return symbol.getIndex() < 0
        ? values.integer(symbol.getNumber())
        : TextNode.valueOf(symbol.getName());
  }
}
