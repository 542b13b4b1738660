package io.millrace.server.format;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Format;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.mapping.JsonFormat;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import io.millrace.server.mapping.SourceMessage;
import io.millrace.server.mapping.TextFormat;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The formats of sources. All sources share one registry client and its schemas; there is one only
 * if some source needs it. Thread-safe.
 */
public final class PayloadFormats implements AutoCloseable {
  private final RegistryState state = new RegistryState();
  private final @Nullable SchemaCache schemas;

  /**
   * @throws IllegalArgumentException if the registry's keys or certificates cannot be used
   */
  public PayloadFormats(KafkaConfig config) {
    boolean needed =
        config.sources().stream()
            .anyMatch(source -> source.format().needsSchema() || source.keyFormat().needsSchema());
    schemas =
        needed
            ? new SchemaCache(
                new RegistryClient(config.schemaRegistry()),
                config.schemaRegistry().unknownSchemaPatience(),
                Pauses.REAL,
                state)
            : null;
  }

  /** The format of the source's keys. */
  public PayloadFormat key(KafkaConfig.Source source) {
    return format(source.keyFormat(), source.toJson());
  }

  /** The format of the source's values. */
  public PayloadFormat value(KafkaConfig.Source source) {
    return format(source.format(), source.toJson());
  }

  private PayloadFormat format(Format format, JsonRules rules) {
    return switch (format) {
      case TEXT -> TextFormat.INSTANCE;
      case JSON -> JsonFormat.INSTANCE;
      case JSON_SCHEMA -> PayloadFormats::jsonSchema;
      case AVRO -> SchemaFormat.avro(schemas(), rules);
      case PROTOBUF -> SchemaFormat.protobuf(schemas(), rules);
    };
  }

  /** Whoever wrote it has checked it: the registry is not asked. */
  private static Decoded jsonSchema(SourceMessage message, boolean isKey, byte[] bytes) {
    try {
      int payloadAt = Frame.of(bytes).payloadAt();
      return JsonFormat.INSTANCE.decode(
          message, isKey, Arrays.copyOfRange(bytes, payloadAt, bytes.length));
    } catch (Malformed e) {
      return e.refused(isKey);
    }
  }

  private SchemaCache schemas() {
    if (schemas == null) {
      throw new IllegalArgumentException("the source is none of the configuration's");
    }
    return schemas;
  }

  /** Whether the registry could not be asked at the last try. */
  public boolean registryIsAway() {
    return state.isAway();
  }

  /** How many times a registry was asked. */
  public long registryRequests() {
    return state.requests();
  }

  /** How many of them had no answer. */
  public long registryFailures() {
    return state.failures();
  }

  /** Ends what is asked of the registry; who waits for it waits in vain. */
  @Override
  public void close() {
    if (schemas != null) {
      schemas.close();
    }
  }
}
