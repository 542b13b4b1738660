package io.millrace.protocol.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes one frame of JSON: the topic, then what is there of the body. */
final class JsonWriter {

  private JsonWriter() {}

  static byte[] frame(Body body) {
    // By way of characters: written to bytes, half a surrogate pair in a payload would throw.
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonSyntax.FACTORY.createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField(JsonSyntax.TOPIC, body.layout().topic().number());
      for (int rest = body.present(); rest != 0; rest &= rest - 1) {
        Field field = body.layout().field(Integer.numberOfTrailingZeros(rest));
        if (field != null) {
          out.writeFieldName(field.jsonName());
          value(field, body, out);
        }
      }
      emptyContainers(body, out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void value(Field field, Body body, JsonGenerator out) throws IOException {
    switch (field.kind()) {
      case NUMBER -> out.writeNumber(body.number(field, 0));
      case FLAG -> out.writeBoolean(body.flag(field));
      case TEXT -> out.writeString(body.text(field));
      case TEXTS -> {
        out.writeStartArray();
        for (String text : body.texts(field)) {
          out.writeString(text);
        }
        out.writeEndArray();
      }
      case VERSIONS -> {
        out.writeStartObject();
        for (Map.Entry<String, Integer> entry : body.versions().entrySet()) {
          out.writeNumberField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
      }
    }
  }

  /** Where the client reads them without asking whether they are there (protocol §1.11). */
  private static void emptyContainers(Body body, JsonGenerator out) throws IOException {
    int action = body.number(Field.ACTION, 0);
    if (body.layout() == Layout.PRESENCE
        && action == PresenceAction.QUERY_ALL_RESPONSE.number()
        && !body.has(Field.NAMES)) {
      out.writeArrayFieldStart(Field.NAMES.jsonName());
      out.writeEndArray();
    }
    if (body.layout() == Layout.RECORD
        && action == RecordAction.HEAD_RESPONSE_BULK.number()
        && !body.has(Field.VERSIONS)) {
      out.writeObjectFieldStart(Field.VERSIONS.jsonName());
      out.writeEndObject();
    }
  }
}
