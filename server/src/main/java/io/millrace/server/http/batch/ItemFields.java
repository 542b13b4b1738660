package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Requests;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of one item: taken one by one, and at last nothing may be left. */
final class ItemFields {
  private final ObjectNode item;
  private final Set<String> taken = new HashSet<>();

  ItemFields(ObjectNode item) {
    this.item = item;
  }

  boolean has(String key) {
    return item.has(key);
  }

  String text(String key) throws BatchException {
    JsonNode value = take(key);
    if (value == null || !value.isTextual()) {
      throw new BatchException("\"" + key + "\" must be a string");
    }
    return value.textValue();
  }

  /** A record, event, RPC or user name: they all obey the same rule. */
  String name(String key) throws BatchException {
    return checkedName(key, text(key));
  }

  RecordName recordName(String key) throws BatchException {
    return new RecordName(name(key));
  }

  /** Null if the key is absent. */
  @Nullable List<String> names(String key) throws BatchException {
    JsonNode value = take(key);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ArrayNode array) || array.size() > Limits.MAX_NAMES_PER_REQUEST) {
      throw new BatchException("\"" + key + "\" must be an array of names");
    }
    List<String> names = new ArrayList<>(array.size());
    for (JsonNode each : array) {
      if (!each.isTextual()) {
        throw new BatchException("\"" + key + "\" must be an array of names");
      }
      names.add(checkedName(key, each.textValue()));
    }
    return names;
  }

  /** Any JSON, null if the key is absent. */
  @Nullable JsonText data() {
    JsonNode value = take("data");
    return value == null ? null : Json.text(value);
  }

  JsonText requiredData() throws BatchException {
    JsonText data = data();
    if (data == null) {
      throw new BatchException("\"data\" is missing");
    }
    return data;
  }

  JsonText objectOrArray() throws BatchException {
    JsonNode value = take("data");
    if (value == null || !value.isContainerNode()) {
      throw new BatchException("\"data\" must be an object or an array");
    }
    return Json.text(value);
  }

  JsonText strings() throws BatchException {
    JsonNode value = take("data");
    if (!(value instanceof ArrayNode array) || !areStrings(array)) {
      throw new BatchException("\"data\" must be an array of strings");
    }
    return Json.text(array);
  }

  /** The version that the write makes; 0 and none stand for any. */
  int version() throws BatchException {
    JsonNode value = take("version");
    if (value == null) {
      return Requests.ANY_VERSION;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < -1) {
      throw new BatchException("\"version\" must be an integer, at least -1");
    }
    return value.intValue() == 0 ? Requests.ANY_VERSION : value.intValue();
  }

  void end() throws BatchException {
    Iterator<String> keys = item.fieldNames();
    while (keys.hasNext()) {
      if (!taken.contains(keys.next())) {
        throw new BatchException("it has a key that is not known here");
      }
    }
  }

  private @Nullable JsonNode take(String key) {
    taken.add(key);
    return item.get(key);
  }

  private static boolean areStrings(ArrayNode array) {
    for (JsonNode each : array) {
      if (!each.isTextual()) {
        return false;
      }
    }
    return true;
  }

  private static String checkedName(String key, String value) throws BatchException {
    if (!RecordName.isValid(value)) {
      throw new BatchException(
          "\"%s\" must have 1 to %d characters".formatted(key, Limits.MAX_NAME_LENGTH));
    }
    return value;
  }
}
