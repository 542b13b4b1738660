package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPath;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.JsonPatchOperations;
import java.util.List;
import java.util.Locale;

/** What the words for operations stand for. */
final class Operations {
  static final List<String> WORDS =
      List.of("set", "patch", "merge", "erase", "delete", "json-patch");

  private static final int MAX_QUOTED = 40;

  private Operations() {}

  /** What an operation may need; asked for only if it does. */
  interface Parts {
    /** Whether a part of the record is meant. */
    boolean hasPath();

    Attempt<JsonPath> path();

    /** Belongs to who asks. */
    Attempt<JsonNode> data();
  }

  static boolean needsData(String word) {
    return !word.equals("erase") && !word.equals("delete");
  }

  static String word(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static Attempt<DeltaOperation> of(String word, Parts parts) {
    return switch (word) {
      case "set" -> parts.data().flatMap(Operations::set);
      case "patch" ->
          parts.hasPath()
              ? parts.path().flatMap(at -> parts.data().map(to -> new DeltaOperation.Patch(at, to)))
              : parts.data().flatMap(Operations::set);
      case "merge" ->
          parts.hasPath()
              ? parts
                  .path()
                  .flatMap(at -> object(parts).map(to -> new DeltaOperation.MergeAt(at, to)))
              : object(parts).map(DeltaOperation.Merge::new);
      case "erase" ->
          parts.hasPath()
              ? parts.path().map(DeltaOperation.Erase::new)
              : Attempt.refused("operation erase needs a path, and there is none");
      case "delete" -> Attempt.got(new DeltaOperation.Delete());
      case "json-patch" -> parts.data().flatMap(Operations::jsonPatch);
      default ->
          Attempt.refused(
              "operation '" + quoted(word) + "' is none of " + String.join(", ", WORDS));
    };
  }

  private static Attempt<DeltaOperation> set(JsonNode value) {
    return value instanceof ContainerNode<?> container
        ? Attempt.got(new DeltaOperation.Set(container))
        : Attempt.refused("data for a whole record is no object and no array");
  }

  private static Attempt<ObjectNode> object(Parts parts) {
    return parts
        .data()
        .flatMap(
            value ->
                value instanceof ObjectNode object
                    ? Attempt.got(object)
                    : Attempt.refused("data to merge is no object"));
  }

  private static Attempt<DeltaOperation> jsonPatch(JsonNode value) {
    return value instanceof ArrayNode operations
        ? JsonPatchOperations.fault(operations)
            .map(Attempt::<DeltaOperation>refused)
            .orElseGet(() -> Attempt.got(new DeltaOperation.JsonPatch(operations)))
        : Attempt.refused("data for json-patch is no array of operations");
  }

  static Attempt<JsonPath> path(String text) {
    return JsonPath.parse(text)
        .map(Attempt::got)
        .orElseGet(() -> Attempt.refused("path '" + quoted(text) + "' is none that may be used"));
  }

  /** Short texts that say what to do, and are no data. */
  private static String quoted(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }
}
