package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Payloads are change events of Debezium, or rows as its ExtractNewRecordState leaves them: a row
 * that is there becomes a record or a part of one, a row that is gone takes it away. A tombstone
 * does so, too, if the key says which row it was: compaction may have taken the event before it.
 * Events about no row are left out.
 */
final class RowEnvelope implements Envelope {
  private static final Set<String> TIMES = Set.of("ts_ms", "ts_us", "ts_ns");

  private final boolean isFlattened;
  private final String operation;
  private final Target target;
  private final Filter filter;

  RowEnvelope(KafkaConfig.Source source, boolean isFlattened) {
    this.isFlattened = isFlattened;
    operation = Operations.word(source.operation());
    target = new Target(source, "row");
    filter = Filter.of(source.filter(), false);
    if (!target.hasRecord()) {
      throw new IllegalArgumentException("the record template is missing");
    }
    if (!List.of("set", "patch", "merge").contains(operation)) {
      throw new IllegalArgumentException(
          "operation '" + source.operation() + "' is none of set, patch, merge");
    }
    if (target.hasPath() && operation.equals("set")) {
      throw new IllegalArgumentException("operation set takes no path");
    }
  }

  @Override
  public Attempt<List<MappedChange>> changes(Message message) {
    if (!message.hasPayload()) {
      return tombstone(message.about(JsonNodeFactory.instance.objectNode(), true));
    }
    return message
        .payload()
        .flatMap(
            payload ->
                payload instanceof ObjectNode event
                    ? (isFlattened ? flattened(message, event) : event(message, event))
                    : Attempt.refused("payload is no event of Debezium: it is no object"))
        .map(List::of);
  }

  private Attempt<List<MappedChange>> tombstone(Message message) {
    return removal(message) instanceof Attempt.Got<MappedChange>(MappedChange change)
        ? Attempt.got(List.of(change))
        : Attempt.skipped("a tombstone whose key does not say what is gone");
  }

  private Attempt<MappedChange> event(Message message, ObjectNode event) {
    JsonNode op = event.get("op");
    if (op == null || !op.isTextual()) {
      return isAboutNoRow(event)
          ? Attempt.skipped("an event of Debezium that is about no row")
          : Attempt.refused("payload is no event of Debezium: it has no op");
    }
    return switch (op.textValue()) {
      case "c", "r", "u" ->
          row(event.get("after")) instanceof ObjectNode after
              ? upsert(message.about(after, false))
              : Attempt.refused("event of Debezium has no row after");
      case "d" ->
          removal(
              message.about(
                  row(event.get("before")) instanceof ObjectNode before
                      ? before
                      : JsonNodeFactory.instance.objectNode(),
                  true));
      case "m" -> Attempt.skipped("an event of Debezium that is about no row");
      case "t" ->
          Attempt.refused("the table was emptied (op t), and no one knows which records to delete");
      default -> Attempt.refused("event of Debezium has an op that is none of c, r, u, d, t, m");
    };
  }

  /** MongoDB's connector sends documents as JSON text. */
  private static @Nullable JsonNode row(@Nullable JsonNode value) {
    return value != null && value.isTextual() ? Json.parse(value.textValue()).orElse(value) : value;
  }

  private Attempt<MappedChange> flattened(Message message, ObjectNode row) {
    boolean isDeleted = row.path("__deleted").asText().equals("true");
    if (isDeleted || "d".equals(operationOf(message, row))) {
      return removal(message.about(row, true));
    }
    return isAboutNoRow(row)
        ? Attempt.skipped("an event of Debezium that is about no row")
        : upsert(message.about(without(row, Set.of("__deleted", "__op")), false));
  }

  private static @Nullable String operationOf(Message message, ObjectNode row) {
    return row.has("__op")
        ? row.get("__op").asText()
        : message.header("__op") instanceof Attempt.Got<String>(String op) ? op : null;
  }

  /** Changes of the schema, boundaries of transactions, heartbeats. */
  private static boolean isAboutNoRow(ObjectNode event) {
    boolean isHeartbeat =
        !event.isEmpty()
            && event.properties().stream().allMatch(member -> TIMES.contains(member.getKey()));
    boolean isTransaction = event.has("status") && event.has("id") && event.has("event_count");
    boolean isSchema = event.has("ddl") || event.has("tableChanges");
    return isHeartbeat || isTransaction || isSchema;
  }

  private Attempt<MappedChange> removal(Message message) {
    return filter
        .pass(message)
        .flatMap(target::record)
        .flatMap(
            name ->
                (target.hasPath()
                        ? target.path(message).<DeltaOperation>map(DeltaOperation.Erase::new)
                        : Attempt.<DeltaOperation>got(new DeltaOperation.Delete()))
                    .map(what -> target.change(name, what, message)));
  }

  private Attempt<MappedChange> upsert(Message message) {
    return filter
        .pass(message)
        .flatMap(target::record)
        .flatMap(
            name ->
                target
                    .data(message, false)
                    .flatMap(data -> upsert(data, message))
                    .map(what -> target.change(name, what, message)));
  }

  private Attempt<DeltaOperation> upsert(JsonNode data, Message message) {
    if (Toast.isUnavailable(data)) {
      return Attempt.skipped("the value has not changed, and Debezium does not know it");
    }
    Set<String> unknown = Toast.unavailable(data);
    if (unknown.isEmpty()) {
      return Operations.of(operation, target.parts(message, () -> Attempt.got(data)));
    }
    ObjectNode known = without((ObjectNode) data, unknown);
    if (operation.equals("merge")) {
      return Operations.of(operation, target.parts(message, () -> Attempt.got(known)));
    }
    return target.hasPath()
        ? target.path(message).map(path -> columnsAt(path, known))
        : Attempt.got(columns(known));
  }

  /**
   * Each column for itself, so that those that are not known stay as they are, and null is null.
   */
  private static DeltaOperation columns(ObjectNode known) {
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    known
        .properties()
        .forEach(
            column -> {
              String token = column.getKey().replace("~", "~0").replace("/", "~1");
              ObjectNode add = patch.addObject().put("op", "add").put("path", "/" + token);
              add.set("value", column.getValue());
            });
    return new DeltaOperation.JsonPatch(patch);
  }

  private static DeltaOperation columnsAt(JsonPath path, ObjectNode known) {
    List<DeltaOperation> patches = new ArrayList<>();
    for (var column : known.properties()) {
      List<JsonPath.Step> steps = new ArrayList<>(path.steps());
      steps.add(new JsonPath.Key(column.getKey()));
      JsonPath at = JsonPath.parse(path.text() + "." + column.getKey()).orElse(null);
      if (at == null || !at.steps().equals(steps)) {
        // No path leads to a column of that name; a merge does, but takes null for a removal.
        return new DeltaOperation.MergeAt(path, known);
      }
      patches.add(new DeltaOperation.Patch(at, column.getValue()));
    }
    return new DeltaOperation.Sequence(patches);
  }

  private static ObjectNode without(ObjectNode row, Set<String> names) {
    if (names.stream().noneMatch(row::has)) {
      return row;
    }
    ObjectNode rest = row.objectNode();
    row.properties().stream()
        .filter(column -> !names.contains(column.getKey()))
        .forEach(column -> rest.set(column.getKey(), column.getValue()));
    return rest;
  }
}
