package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.server.config.KafkaConfig.JsonRules;
import java.util.List;
import org.apache.avro.Schema;

/** Avro to JSON, by the schema that the message was written with. For one message. */
final class AvroReader {
  private final AvroBytes in;
  private final Values values;
  private final AvroLogical logical;

  private AvroReader(AvroBytes in, JsonRules rules) {
    this.in = in;
    this.values = new Values(rules);
    this.logical = new AvroLogical(values);
  }

  /** The value that {@code bytes} from {@code at} to their end say, and nothing besides. */
  static JsonNode read(Schema schema, byte[] bytes, int at, JsonRules rules) throws Malformed {
    AvroBytes in = new AvroBytes(bytes, at);
    AvroReader reader = new AvroReader(in, rules);
    if (schema.getType() == Schema.Type.BYTES) {
      // Confluent's serializer writes bytes that are all there is without their length.
      return reader.logical.bytes(schema, in.rest());
    }
    JsonNode value = reader.value(schema);
    if (in.left() != 0) {
      throw new Malformed("has %d bytes more than its schema says".formatted(in.left()));
    }
    return value;
  }

  private JsonNode value(Schema schema) throws Malformed {
    values.counted();
    return switch (schema.getType()) {
      case NULL -> {
        values.countedFree();
        yield NullNode.instance;
      }
      case BOOLEAN -> BooleanNode.valueOf(in.bool());
      case INT -> logical.integer(schema, in.integer());
      case LONG -> logical.integer(schema, in.number());
      case FLOAT -> values.floating(in.float32());
      case DOUBLE -> values.floating(in.float64());
      case STRING -> TextNode.valueOf(in.string());
      case BYTES -> logical.bytes(schema, in.bytes());
      case FIXED -> {
        if (schema.getFixedSize() == 0) {
          values.countedFree();
        }
        yield logical.bytes(schema, in.fixed(schema.getFixedSize()));
      }
      case ENUM -> TextNode.valueOf(pick(schema.getEnumSymbols(), "symbol"));
      case UNION -> value(pick(schema.getTypes(), "branch"));
      case RECORD -> object(schema);
      case ARRAY -> array(schema.getElementType());
      case MAP -> map(schema.getValueType());
    };
  }

  private <T> T pick(List<T> choices, String what) throws Malformed {
    int index = in.integer();
    if (index < 0 || index >= choices.size()) {
      throw new Malformed("has a %s %d of %d".formatted(what, index, choices.size()));
    }
    return choices.get(index);
  }

  private ObjectNode object(Schema schema) throws Malformed {
    values.enter();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List<Schema.Field> fields = schema.getFields();
    if (fields.isEmpty()) {
      values.countedFree();
    }
    for (Schema.Field field : fields) {
      object.set(field.name(), value(field.schema()));
    }
    values.leave();
    return object;
  }

  private ArrayNode array(Schema element) throws Malformed {
    values.enter();
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (long count = in.block(); count != 0; count = in.block()) {
      for (long i = 0; i < count; i++) {
        array.add(value(element));
      }
    }
    values.leave();
    return array;
  }

  private ObjectNode map(Schema value) throws Malformed {
    values.enter();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (long count = in.block(); count != 0; count = in.block()) {
      for (long i = 0; i < count; i++) {
        String key = in.string();
        object.set(key, value(value));
      }
    }
    values.leave();
    return object;
  }
}
