package io.millrace.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.server.mapping.Mapped;
import io.millrace.server.mapping.MappedChange;
import io.millrace.server.record.DeltaOperation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What messages do, a line for each change: {@code record op path data}. */
final class TryReport {
  private final PrintWriter out;
  private final boolean json;

  TryReport(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /**
   * Prints what the message of the input's line does.
   *
   * @return whether it can be applied, as far as the message itself goes
   */
  boolean print(int line, Mapped mapped, Supplier<Optional<String>> skipReason) {
    return switch (mapped) {
      case Mapped.Changes(List<MappedChange> changes) -> {
        if (changes.isEmpty()) {
          say(line, "skipped", skipReason.get().orElse("it changes nothing"));
        }
        changes.forEach(change -> print(line, change.name().value(), change.operation()));
        yield true;
      }
      case Mapped.Refused(String reason) -> {
        say(line, "refused", reason);
        yield false;
      }
      case Mapped.Unavailable(String reason, var until) -> {
        say(line, "unavailable", reason);
        yield false;
      }
    };
  }

  private void print(int line, String record, DeltaOperation operation) {
    switch (operation) {
      case DeltaOperation.Set(var data) -> print(line, record, "set", null, data);
      case DeltaOperation.Patch(var path, var value) -> print(line, record, "patch", path, value);
      case DeltaOperation.Merge(var patch) -> print(line, record, "merge", null, patch);
      case DeltaOperation.MergeAt(var path, var patch) -> print(line, record, "merge", path, patch);
      case DeltaOperation.Erase(var path) -> print(line, record, "erase", path, null);
      case DeltaOperation.Delete() -> print(line, record, "delete", null, null);
      case DeltaOperation.JsonPatch(var operations) ->
          print(line, record, "json-patch", null, operations);
      case DeltaOperation.Sequence(var operations) ->
          operations.forEach(each -> print(line, record, each));
    }
  }

  private void print(
      int line, String record, String op, @Nullable JsonPath path, @Nullable JsonNode data) {
    if (json) {
      ObjectNode object = object(line).put("record", record).put("op", op);
      if (path != null) {
        object.put("path", path.text());
      }
      if (data != null) {
        object.set("data", data);
      }
      out.println(Json.text(object).text());
    } else {
      out.println(
          String.join(
              "  ",
              record,
              op,
              path == null ? "-" : path.text(),
              data == null ? "-" : Json.text(data).text()));
    }
  }

  private void say(int line, String what, String reason) {
    out.println(
        json
            ? Json.text(object(line).put(what, reason)).text()
            : "line " + line + " " + what + ": " + reason);
  }

  private static ObjectNode object(int line) {
    return JsonNodeFactory.instance.objectNode().put("line", line);
  }
}
