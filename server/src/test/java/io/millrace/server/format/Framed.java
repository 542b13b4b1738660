package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Format;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import io.millrace.server.mapping.SourceMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** Bytes as serializers write them, and what they come to. */
final class Framed {
  private Framed() {}

  static byte[] frame(int schemaId, byte... payload) {
    return ByteBuffer.allocate(5 + payload.length)
        .put((byte) 0)
        .putInt(schemaId)
        .put(payload)
        .array();
  }

  /** By Avro's own encoder. */
  static byte[] avro(int schemaId, Schema schema, @Nullable Object datum) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<@Nullable Object>(schema).write(datum, encoder);
      encoder.flush();
      return frame(schemaId, out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static Decoded decode(PayloadFormat format, byte[] bytes) {
    return format.decode(new SourceMessage("t", 0, 0, 0, null, bytes, List.of()), false, bytes);
  }

  /** What {@code text} says, with {@code '} for {@code "}. */
  static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"')).orElseThrow();
  }

  static KafkaConfig.Source source(Format format, Format keyFormat) {
    return new KafkaConfig.Source(
        "source",
        List.of("topic"),
        null,
        KafkaConfig.Envelope.NONE,
        null,
        List.of(),
        "{key}",
        "set",
        null,
        null,
        null,
        KafkaConfig.StartFrom.EARLIEST,
        null,
        new DataSize(1 << 20),
        format,
        keyFormat,
        JsonRules.LOSSLESS);
  }
}
