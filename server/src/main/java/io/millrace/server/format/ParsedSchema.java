package io.millrace.server.format;

import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.Map;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/** A schema ready to read messages with. Immutable. */
sealed interface ParsedSchema {

  record Avro(Schema schema) implements ParsedSchema {}

  record Protobuf(FileDescriptor file) implements ParsedSchema {}

  /** JSON Schema: its messages are read without it. */
  record Json() implements ParsedSchema {}

  /** The registry's word for its type. */
  default String type() {
    return switch (this) {
      case Avro avro -> "AVRO";
      case Protobuf protobuf -> "PROTOBUF";
      case Json json -> "JSON";
    };
  }

  /**
   * @throws Malformed if the schema cannot be read
   */
  static ParsedSchema of(RegisteredSchema schema) throws Malformed {
    return switch (schema.type()) {
      case "AVRO" -> new Avro(avro(schema));
      case "PROTOBUF" -> new Protobuf(ProtoFiles.build(schema));
      case "JSON" -> new Json();
      default -> throw new Malformed("is of unknown type " + schema.type());
    };
  }

  private static Schema avro(RegisteredSchema schema) throws Malformed {
    // Whoever wrote the message had no trouble with the names and defaults.
    Schema.Parser parser =
        new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
    String part = "";
    try {
      for (Map.Entry<String, String> reference : schema.references().entrySet()) {
        part = " (reference " + reference.getKey() + ")";
        parser.parse(reference.getValue());
      }
      part = "";
      return parser.parse(schema.text());
    } catch (RuntimeException e) {
      throw new Malformed("is no Avro schema" + part + ": " + Malformed.brief(e));
    }
  }
}
