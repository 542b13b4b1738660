package io.millrace.protocol.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.protocol.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The object of a JSON frame (protocol §1.11). The topic may stand anywhere in it, so all fields
 * are collected before it is known which of them mean something.
 */
final class JsonEnvelope implements Envelope {
  private static final Map<String, Field> FIELDS = new LinkedHashMap<>();

  /** Stands for a value that is there and is not of the field's kind. */
  private static final Object MISFIT = new Object();

  /** The length of {@code Integer.MIN_VALUE}. */
  private static final int LONGEST_INT = 11;

  static {
    for (Field field : Field.values()) {
      FIELDS.put(field.jsonName(), field);
    }
  }

  private final String text;
  private final JsonParser parser;
  private final Map<Field, Object> values = new EnumMap<>(Field.class);
  private int topic;
  private @Nullable String parsedData;

  private JsonEnvelope(String text, JsonParser parser) {
    this.text = text;
    this.parser = parser;
  }

  static JsonEnvelope read(byte[] frame) {
    String text = Utf8.decode(frame, 0, frame.length);
    try (JsonParser parser = JsonSyntax.FACTORY.createParser(text)) {
      JsonEnvelope envelope = new JsonEnvelope(text, parser);
      envelope.read();
      return envelope;
    } catch (IOException e) {
      // What it says would quote the frame.
      throw Refusal.unreadable("no JSON");
    }
  }

  @Override
  public int topic() {
    return topic;
  }

  /** What is of a wrong kind is refused last, so that the refusal can name the request. */
  @Override
  public void fill(Body body) {
    Field misfit = null;
    for (Map.Entry<Field, Object> entry : values.entrySet()) {
      Field field = entry.getKey();
      if (body.layout().number(field) == 0) {
        continue;
      }
      if (entry.getValue() == MISFIT) {
        misfit = field;
      } else {
        put(field, entry.getValue(), body);
      }
    }
    if (misfit != null && misfit != Field.ACTION) {
      throw Refusal.invalidField(misfit, "is of the wrong kind");
    }
  }

  @SuppressWarnings("unchecked")
  private static void put(Field field, Object value, Body body) {
    switch (field.kind()) {
      case NUMBER -> body.putNumber(field, (Integer) value);
      case FLAG -> body.putFlag(field, (Boolean) value);
      case TEXT -> body.putText(field, (String) value);
      case TEXTS -> body.putTexts(field, (List<String>) value);
      case VERSIONS -> body.putVersions((Map<String, Integer>) value);
    }
  }

  private void read() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw Refusal.unreadable("no JSON object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      readMember(parser.currentName());
    }
    if (parser.nextToken() != null) {
      throw Refusal.unreadable("more than a JSON object");
    }
    if (parsedData != null) {
      values.put(Field.DATA, parsedData);
    }
  }

  /** Of repeated keys the last counts, and null is as if the key were not there. */
  private void readMember(String key) throws IOException {
    JsonToken token = parser.nextToken();
    if (key.equals(JsonSyntax.PARSED_DATA)) {
      parsedData = source();
    } else if (key.equals(JsonSyntax.TOPIC)) {
      topic = number(token) instanceof Integer number ? number : 0;
    } else if (!FIELDS.containsKey(key)) {
      parser.skipChildren();
    } else if (token == JsonToken.VALUE_NULL) {
      values.remove(FIELDS.get(key));
    } else {
      Field field = FIELDS.get(key);
      values.put(field, value(field.kind(), token));
    }
  }

  /** The payload as it was written: so no number loses a digit. */
  private String source() throws IOException {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    parser.finishToken();
    return text.substring(start, (int) parser.currentLocation().getCharOffset());
  }

  private Object value(Field.Kind kind, JsonToken token) throws IOException {
    return switch (kind) {
      case NUMBER -> number(token);
      case FLAG -> flag(token);
      case TEXT -> text(token);
      case TEXTS -> texts(token);
      case VERSIONS -> versions(token);
    };
  }

  private Object number(JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_NUMBER_INT || parser.getTextLength() > LONGEST_INT) {
      return misfit();
    }
    long number = parser.getLongValue();
    return number == (int) number ? (Object) (int) number : MISFIT;
  }

  private Object flag(JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> misfit();
    };
  }

  private Object text(JsonToken token) throws IOException {
    return token == JsonToken.VALUE_STRING ? whole(parser.getText()) : misfit();
  }

  /** One text more than is allowed is kept, which tells that there were too many. */
  private Object texts(JsonToken token) throws IOException {
    if (token != JsonToken.START_ARRAY) {
      return misfit();
    }
    List<String> texts = new ArrayList<>();
    boolean fits = true;
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      Object element = text(next);
      if (!(element instanceof String each)) {
        fits = false;
      } else if (texts.size() <= Limits.MAX_NAMES_PER_REQUEST) {
        texts.add(each);
      }
    }
    return fits ? texts : MISFIT;
  }

  private Object versions(JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      return misfit();
    }
    Map<String, Integer> versions = new LinkedHashMap<>();
    boolean fits = true;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Object name = whole(parser.currentName());
      Object version = number(parser.nextToken());
      if (!(name instanceof String each) || !(version instanceof Integer number)) {
        fits = false;
      } else if (versions.size() <= Limits.MAX_NAMES_PER_REQUEST) {
        versions.put(each, number);
      }
    }
    return fits ? versions : MISFIT;
  }

  private Object misfit() throws IOException {
    parser.skipChildren();
    return MISFIT;
  }

  /** JSON can say half a surrogate pair, UTF-8 can't: such text could not be passed on. */
  private static Object whole(String text) {
    boolean isWhole =
        text.codePoints()
            .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    return isWhole ? text : MISFIT;
  }
}
