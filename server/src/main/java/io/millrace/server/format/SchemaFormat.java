package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.format.SchemaSource.Lookup;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.SourceMessage;
import org.jspecify.annotations.Nullable;

/** Avro or protobuf with the id of the schema in front. Thread-safe. */
final class SchemaFormat implements PayloadFormat {

  /** How the rest is read once there is a schema. */
  private interface Reader {
    JsonNode read(ParsedSchema schema, byte[] bytes, int at, JsonRules rules) throws Malformed;
  }

  /** Most topics have one schema at a time, so most messages need not look theirs up. */
  private record Last(int id, ParsedSchema schema) {}

  private final String type;
  private final Reader reader;
  private final SchemaSource schemas;
  private final JsonRules rules;
  private volatile @Nullable Last last;

  private SchemaFormat(String type, Reader reader, SchemaSource schemas, JsonRules rules) {
    this.type = type;
    this.reader = reader;
    this.schemas = schemas;
    this.rules = rules;
  }

  static SchemaFormat avro(SchemaSource schemas, JsonRules rules) {
    return new SchemaFormat("AVRO", SchemaFormat::readAvro, schemas, rules);
  }

  static SchemaFormat protobuf(SchemaSource schemas, JsonRules rules) {
    return new SchemaFormat("PROTOBUF", SchemaFormat::readProtobuf, schemas, rules);
  }

  private static JsonNode readAvro(ParsedSchema schema, byte[] bytes, int at, JsonRules rules)
      throws Malformed {
    if (!(schema instanceof ParsedSchema.Avro avro)) {
      throw wrongType(schema);
    }
    return AvroReader.read(avro.schema(), bytes, at, rules);
  }

  private static JsonNode readProtobuf(ParsedSchema schema, byte[] bytes, int at, JsonRules rules)
      throws Malformed {
    if (!(schema instanceof ParsedSchema.Protobuf protobuf)) {
      throw wrongType(schema);
    }
    MessageIndex index = MessageIndex.of(protobuf.file(), bytes, at);
    return ProtobufReader.read(index.message(), bytes, index.payloadAt(), rules);
  }

  private static Malformed wrongType(ParsedSchema schema) {
    return new Malformed("has a schema of type " + schema.type());
  }

  @Override
  public Decoded decode(SourceMessage message, boolean isKey, byte[] bytes) {
    try {
      Frame frame = Frame.of(bytes);
      Last recent = last;
      if (recent != null && recent.id == frame.schemaId()) {
        return new Decoded.Value(read(recent, bytes, frame.payloadAt()));
      }
      return switch (schemas.find(frame.schemaId())) {
        case Lookup.Known(ParsedSchema schema) -> {
          Last found = new Last(frame.schemaId(), schema);
          last = found;
          yield new Decoded.Value(read(found, bytes, frame.payloadAt()));
        }
        case Lookup.None(String reason) -> throw new Malformed("cannot be read: " + reason);
        case Lookup.Pending(String reason, var until) -> new Decoded.Unavailable(reason, until);
      };
    } catch (Malformed e) {
      return e.refused(isKey);
    }
  }

  private JsonNode read(Last known, byte[] bytes, int at) throws Malformed {
    String reason;
    try {
      return reader.read(known.schema, bytes, at, rules);
    } catch (Malformed e) {
      reason = e.reason();
    } catch (RuntimeException | StackOverflowError e) {
      // Ours to mend, but a poison message must not stop the others.
      reason = "cannot be read: " + e.getClass().getSimpleName();
    }
    throw new Malformed("%s (as %s by schema %d)".formatted(reason, type, known.id));
  }
}
