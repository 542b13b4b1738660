package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import java.util.List;
import java.util.Optional;

/** Which command a delta comes to on a record as it is now. */
final class DeltaEffects {

  private DeltaEffects() {}

  /** The command, or empty if there is nothing to do. */
  static Optional<RecordCommand> of(DeltaOperation operation, RecordCell cell) {
    return switch (operation) {
      case DeltaOperation.Set set ->
          Optional.of(
              new RecordCommand.Replace(
                  RecordCommand.ANY_VERSION, true, set.data(), Json.text(set.data())));
      case DeltaOperation.Patch patch ->
          Optional.of(write(PathWrite.of(patch.path(), patch.value())));
      case DeltaOperation.Erase erase ->
          cell.exists() ? Optional.of(write(PathWrite.erase(erase.path()))) : Optional.empty();
      case DeltaOperation.Merge merge -> mergeRoot(merge.patch(), cell);
      case DeltaOperation.MergeAt merge -> mergeAt(merge.path(), merge.patch(), cell);
      case DeltaOperation.Delete() -> Optional.of(new RecordCommand.Remove());
      case DeltaOperation.JsonPatch patch -> throw severalSteps(patch);
      case DeltaOperation.Sequence sequence -> throw severalSteps(sequence);
    };
  }

  /** No one command can say it: see {@link RecordDraft}. */
  private static IllegalArgumentException severalSteps(DeltaOperation operation) {
    return new IllegalArgumentException(
        operation.getClass().getSimpleName() + " has several steps");
  }

  private static RecordCommand write(PathWrite write) {
    return new RecordCommand.WritePaths(RecordCommand.ANY_VERSION, true, List.of(write));
  }

  private static Optional<RecordCommand> mergeRoot(ObjectNode patch, RecordCell cell) {
    JsonNode data = cell.data();
    ObjectNode target =
        data instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    // A list becomes an object, which no path into it can say.
    Optional<MergePatch.Narrowed> narrowed =
        data instanceof ArrayNode ? Optional.empty() : MergePatch.narrow(target, patch);
    if (narrowed.isEmpty()) {
      ObjectNode merged = MergePatch.merged(target, patch);
      return Optional.of(
          new RecordCommand.Replace(RecordCommand.ANY_VERSION, true, merged, Json.text(merged)));
    }
    return write(narrowed.get());
  }

  private static Optional<RecordCommand> mergeAt(JsonPath path, ObjectNode patch, RecordCell cell) {
    JsonNode target = MergePatch.valueAt(cell.data(), path);
    ObjectNode object =
        target instanceof ObjectNode found ? found : JsonNodeFactory.instance.objectNode();
    return Optional.of(write(PathWrite.of(path, MergePatch.merged(object, patch))));
  }

  private static Optional<RecordCommand> write(MergePatch.Narrowed narrowed) {
    return switch (narrowed) {
      case MergePatch.Put(var path, var value) -> Optional.of(write(PathWrite.of(path, value)));
      case MergePatch.Drop(var path) -> Optional.of(write(PathWrite.erase(path)));
      case MergePatch.Nothing() -> Optional.empty();
    };
  }
}
