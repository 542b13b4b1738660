package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a client's write to a command, or empty when what it says cannot be meant (protocol §3.4).
 */
final class WriteParser {

  private WriteParser() {}

  static Optional<RecordCommand> parse(RecordRequest.Write write, boolean hot) {
    return switch (write) {
      case RecordRequest.Update update -> parseUpdate(update, hot);
      case RecordRequest.Patch patch -> parsePatch(patch);
      case RecordRequest.PatchMulti multi -> parseMulti(multi);
    };
  }

  /** The action that answers and broadcasts name: compound actions are what they come to. */
  static RecordAction normalisedAction(RecordRequest.Write write) {
    return switch (write) {
      case RecordRequest.Update update -> RecordAction.UPDATE;
      case RecordRequest.Patch patch -> RecordAction.PATCH;
      case RecordRequest.PatchMulti multi -> RecordAction.PATCH_MULTI;
    };
  }

  private static Optional<RecordCommand> parseUpdate(RecordRequest.Update update, boolean hot) {
    JsonText text = update.data();
    if (text == null || !(Json.parse(text).orElse(null) instanceof ContainerNode<?> data)) {
      return Optional.empty();
    }
    return Optional.of(
        hot
            ? new RecordCommand.ReplaceHot(data, text)
            : new RecordCommand.Replace(update.version(), isUpsert(update), data, text));
  }

  private static Optional<RecordCommand> parsePatch(RecordRequest.Patch patch) {
    return pathWrite(patch.path(), patch.data())
        .map(
            write ->
                new RecordCommand.WritePaths(patch.version(), isUpsert(patch), List.of(write)));
  }

  private static Optional<RecordCommand> parseMulti(RecordRequest.PatchMulti multi) {
    JsonText text = multi.data();
    if (text == null
        || !(Json.parse(text).orElse(null) instanceof ArrayNode array)
        || array.isEmpty()) {
      return Optional.empty();
    }
    List<PathWrite> writes = new ArrayList<>(array.size());
    for (JsonNode each : array) {
      JsonNode path = each.get("path");
      Optional<JsonPath> parsed =
          path != null && path.isTextual() ? JsonPath.parse(path.textValue()) : Optional.empty();
      if (parsed.isEmpty()) {
        return Optional.empty();
      }
      JsonNode value = each.get("data");
      writes.add(value == null ? PathWrite.erase(parsed.get()) : PathWrite.of(parsed.get(), value));
    }
    return Optional.of(new RecordCommand.WritePaths(multi.version(), isUpsert(multi), writes));
  }

  private static Optional<PathWrite> pathWrite(@Nullable String path, @Nullable JsonText data) {
    if (path == null) {
      return Optional.empty();
    }
    if (data == null) {
      return JsonPath.parse(path).map(PathWrite::erase);
    }
    Optional<JsonNode> value = Json.parse(data);
    return value.isEmpty()
        ? Optional.empty()
        : JsonPath.parse(path).map(parsed -> new PathWrite(parsed, value.get(), data));
  }

  /**
   * The reference's rule, which clients rely on: a missing record is created by the CREATEAND
   * actions, and by any write that wants an acknowledgement.
   */
  private static boolean isUpsert(RecordRequest.Write write) {
    return write.ack().wanted()
        || write.action() == RecordAction.CREATEANDUPDATE
        || write.action() == RecordAction.CREATEANDPATCH;
  }
}
