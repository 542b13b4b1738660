package io.millrace.server.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A schema as a registry has it.
 *
 * @param type AVRO, PROTOBUF or JSON
 * @param references texts of the schemas that it uses, and that these use, by the name that they
 *     are used by; each comes after those that it uses itself
 */
record RegisteredSchema(String type, String text, Map<String, String> references) {
  RegisteredSchema {
    references = Collections.unmodifiableMap(new LinkedHashMap<>(references));
  }

  /** Characters of all texts. */
  long size() {
    return text.length() + references.values().stream().mapToLong(String::length).sum();
  }
}
