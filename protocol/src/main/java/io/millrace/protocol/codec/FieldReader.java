package io.millrace.protocol.codec;

import io.millrace.protocol.Limits;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What messages need of a body, checked: a field that is missing or too long is a refusal. */
final class FieldReader {
  private final Body body;

  FieldReader(Body body) {
    this.body = body;
  }

  Body body() {
    return body;
  }

  boolean isAck() {
    return body.flag(Field.IS_ACK);
  }

  boolean isError() {
    return body.flag(Field.IS_ERROR);
  }

  RecordName recordName() {
    return new RecordName(name());
  }

  String name() {
    return checkedName(Field.NAME, required(Field.NAME));
  }

  @Nullable String optionalName() {
    String name = body.text(Field.NAME);
    return name == null ? null : checkedName(Field.NAME, name);
  }

  String subscription() {
    return checkedName(Field.SUBSCRIPTION, required(Field.SUBSCRIPTION));
  }

  /** Absent is empty. */
  List<String> names() {
    List<String> names = body.texts(Field.NAMES);
    requireFew(Field.NAMES, names.size());
    for (String name : names) {
      checkedName(Field.NAMES, name);
    }
    return names;
  }

  List<RecordName> recordNames() {
    List<String> names = names();
    List<RecordName> recordNames = new ArrayList<>(names.size());
    for (String name : names) {
      recordNames.add(new RecordName(name));
    }
    return recordNames;
  }

  Map<String, Integer> versions() {
    Map<String, Integer> versions = body.versions();
    requireFew(Field.VERSIONS, versions.size());
    for (String name : versions.keySet()) {
      checkedName(Field.VERSIONS, name);
    }
    return versions;
  }

  String correlationId() {
    String id = optionalCorrelationId();
    if (id == null) {
      throw Refusal.invalidField(Field.CORRELATION_ID, "is missing");
    }
    return id;
  }

  @Nullable String optionalCorrelationId() {
    String id = body.text(Field.CORRELATION_ID);
    if (id != null && id.length() > Limits.MAX_CORRELATION_ID_LENGTH) {
      throw Refusal.invalidField(Field.CORRELATION_ID, "is too long");
    }
    return id;
  }

  WriteAckRequest writeAck() {
    String id = optionalCorrelationId();
    boolean wanted = body.flag(Field.IS_WRITE_ACK);
    return id == null && !wanted ? WriteAckRequest.NONE : new WriteAckRequest(wanted, id);
  }

  JsonText data() {
    return new JsonText(required(Field.DATA));
  }

  @Nullable JsonText optionalData() {
    return optionalJson(Field.DATA);
  }

  @Nullable JsonText optionalJson(Field field) {
    String text = body.text(field);
    return text == null ? null : new JsonText(text);
  }

  int version() {
    if (!body.has(Field.VERSION)) {
      throw Refusal.invalidField(Field.VERSION, "is missing");
    }
    return body.number(Field.VERSION, 0);
  }

  @Nullable Integer optionalNumber(Field field) {
    return body.has(field) ? body.number(field, 0) : null;
  }

  String required(Field field) {
    String text = body.text(field);
    if (text == null) {
      throw Refusal.invalidField(field, "is missing");
    }
    return text;
  }

  static boolean isValidName(String name) {
    return !name.isEmpty() && name.length() <= Limits.MAX_NAME_LENGTH;
  }

  private static String checkedName(Field field, String name) {
    if (!isValidName(name)) {
      throw Refusal.invalidField(field, "is empty or too long");
    }
    return name;
  }

  private static void requireFew(Field field, int count) {
    if (count > Limits.MAX_NAMES_PER_REQUEST) {
      throw Refusal.invalidField(field, "are too many");
    }
  }
}
