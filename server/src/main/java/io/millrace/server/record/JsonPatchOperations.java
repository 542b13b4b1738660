package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a JSON Patch (RFC 6902) may look like. Reasons name operations by index and quote nothing.
 */
public final class JsonPatchOperations {

  /** Most operations in one patch. */
  public static final int MAX_OPERATIONS = 1_000;

  /** An operation with its places taken apart; the value is there where one is needed. */
  record Operation(
      String op, List<String> path, @Nullable List<String> from, @Nullable JsonNode value) {}

  private JsonPatchOperations() {}

  /** What is wrong with the operations as such, whatever they are applied to. */
  public static Optional<String> fault(ArrayNode operations) {
    if (operations.size() > MAX_OPERATIONS) {
      return Optional.of("JSON Patch has more than " + MAX_OPERATIONS + " operations");
    }
    for (int i = 0; i < operations.size(); i++) {
      Optional<String> fault = fault(operations.get(i));
      if (fault.isPresent()) {
        int index = i;
        return fault.map(reason -> "JSON Patch operation " + index + " " + reason);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> fault(JsonNode operation) {
    if (places(operation.get("path")) == null) {
      return Optional.of("has no path that is a JSON Pointer (RFC 6901)");
    }
    return switch (operation.path("op").asText()) {
      case "add", "replace", "test" ->
          operation.get("value") == null ? Optional.of("has no value") : Optional.empty();
      case "remove" -> Optional.empty();
      case "move", "copy" ->
          places(operation.get("from")) == null
              ? Optional.of("has no from that is a JSON Pointer (RFC 6901)")
              : Optional.empty();
      default -> Optional.of("is none of add, remove, replace, move, copy, test");
    };
  }

  /**
   * @throws IllegalArgumentException if there is a {@link #fault}
   */
  static Operation read(JsonNode operation) {
    List<String> path = places(operation.get("path"));
    Optional<String> fault = fault(operation);
    if (path == null || fault.isPresent()) {
      throw new IllegalArgumentException("a JSON Patch operation " + fault.orElse(""));
    }
    return new Operation(
        operation.path("op").asText(), path, places(operation.get("from")), operation.get("value"));
  }

  /** The reference tokens of a JSON Pointer, null if it is none. */
  private static @Nullable List<String> places(@Nullable JsonNode pointer) {
    if (pointer == null || !pointer.isTextual()) {
      return null;
    }
    String text = pointer.textValue();
    List<String> names = new ArrayList<>();
    if (text.isEmpty()) {
      return names;
    }
    if (text.charAt(0) != '/') {
      return null;
    }
    for (String token : text.substring(1).split("/", -1)) {
      if (token.matches("(?s).*~(?![01]).*") || names.size() == Limits.MAX_JSON_DEPTH) {
        return null;
      }
      names.add(token.replace("~1", "/").replace("~0", "~"));
    }
    return names;
  }
}
