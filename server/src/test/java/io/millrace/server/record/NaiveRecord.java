package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a record should be, in documents that nobody changes: the model of random tests. */
final class NaiveRecord {
  private final int maxSize;
  private final Map<String, Long> positions = new HashMap<>();
  private int version = RecordSnapshot.MISSING;
  private @Nullable JsonNode data;
  private boolean isScratch;

  NaiveRecord(int maxSize) {
    this.maxSize = maxSize;
  }

  int version() {
    return version;
  }

  @Nullable JsonNode data() {
    return data;
  }

  Map<String, Long> positions() {
    return positions;
  }

  /** The outcome; its incarnation and reason say nothing. */
  WriteOutcome apply(RecordCommand command) {
    return switch (command) {
      case RecordCommand.Create() -> {
        if (data == null) {
          version = 0;
          data = Cells.json("{}");
        }
        yield new WriteOutcome.Applied(0, version);
      }
      case RecordCommand.Replace replace -> {
        WriteOutcome refusal = refusal(replace.expected(), replace.upsert());
        yield refusal == null ? advance(replace.data()) : refusal;
      }
      case RecordCommand.WritePaths paths -> {
        WriteOutcome refusal = refusal(paths.expected(), paths.upsert());
        yield refusal == null ? advance(written(paths.writes())) : refusal;
      }
      case RecordCommand.ReplaceHot hot -> {
        if (Json.text(hot.data()).text().length() > maxSize) {
          yield new WriteOutcome.Invalid("");
        }
        version = 0;
        data = hot.data().deepCopy();
        yield new WriteOutcome.Applied(0, 0);
      }
      case RecordCommand.Remove() -> {
        data = null;
        yield new WriteOutcome.Applied(0, version);
      }
      case RecordCommand.ApplyDelta delta -> applyDelta(delta);
    };
  }

  private @Nullable WriteOutcome refusal(int expected, boolean upsert) {
    if (data == null && !upsert) {
      return new WriteOutcome.Missing();
    }
    int current = data == null ? 0 : version;
    if (expected == RecordCommand.ANY_VERSION || expected == current + 1) {
      return null;
    }
    JsonText text = data == null ? JsonText.EMPTY_OBJECT : Json.text(data);
    return new WriteOutcome.Conflict(0, current, text, expected > current + 1);
  }

  private WriteOutcome advance(@Nullable JsonNode next) {
    if (next == null || Json.text(next).text().length() > maxSize) {
      return new WriteOutcome.Invalid("");
    }
    version = data == null ? 1 : version + 1;
    data = next.deepCopy();
    return new WriteOutcome.Applied(0, version);
  }

  private @Nullable JsonNode written(List<PathWrite> writes) {
    ContainerNode<?> copy = data == null ? Cells.object("{}") : (ContainerNode<?>) data.deepCopy();
    for (PathWrite write : writes) {
      JsonNode value = write.value();
      JsonNode own = value == null ? null : value.deepCopy();
      if (!(JsonPatch.apply(copy, write.path(), own) instanceof JsonPatch.Result.Applied)) {
        return null;
      }
    }
    return copy;
  }

  private WriteOutcome applyDelta(RecordCommand.ApplyDelta delta) {
    LogPosition position = delta.position();
    if (positions.getOrDefault(position.partition(), -1L) >= position.offset()) {
      return new WriteOutcome.AlreadyApplied();
    }
    WriteOutcome outcome = applyOperation(delta.operation());
    if (outcome instanceof WriteOutcome.Applied) {
      positions.put(position.partition(), position.offset());
    }
    return outcome;
  }

  private WriteOutcome applyOperation(DeltaOperation operation) {
    return switch (operation) {
      case DeltaOperation.Set set -> advance(set.data());
      case DeltaOperation.Patch patch ->
          advance(written(List.of(PathWrite.of(patch.path(), patch.value()))));
      case DeltaOperation.Erase erase ->
          data == null
              ? new WriteOutcome.Applied(0, version)
              : advance(written(List.of(PathWrite.erase(erase.path()))));
      case DeltaOperation.Merge merge -> {
        JsonNode target = data == null ? Cells.json("{}") : data;
        yield removesNothing(target, merge.patch())
            ? new WriteOutcome.Applied(0, version)
            : advance(MergePatchTest.reference(target, merge.patch()));
      }
      case DeltaOperation.MergeAt merge -> advance(mergedAt(merge.path(), merge.patch()));
      case DeltaOperation.Delete() -> {
        data = null;
        yield new WriteOutcome.Applied(0, version);
      }
      case DeltaOperation.JsonPatch patch -> several(List.of(patch));
      case DeltaOperation.Sequence sequence -> several(sequence.operations());
    };
  }

  /** On a record of its own, that may be as large as it likes; then its data in one go. */
  private WriteOutcome several(List<DeltaOperation> operations) {
    NaiveRecord scratch = new NaiveRecord(Integer.MAX_VALUE);
    scratch.data = data;
    scratch.isScratch = true;
    boolean changed = false;
    for (DeltaOperation operation : operations) {
      if (operation instanceof DeltaOperation.JsonPatch patch) {
        JsonNode before = scratch.data == null ? Cells.json("{}") : scratch.data;
        JsonNode after = NaiveJsonPatch.apply(before, patch.operations());
        if (!(after instanceof ContainerNode)) {
          return new WriteOutcome.Invalid("");
        }
        changed |= scratch.data == null || NaiveJsonPatch.writes(patch.operations());
        scratch.data = after;
      } else {
        int versionBefore = scratch.version;
        boolean existed = scratch.data != null;
        if (scratch.applyOperation(operation) instanceof WriteOutcome.Invalid invalid) {
          return invalid;
        }
        changed |= scratch.version != versionBefore || existed != (scratch.data != null);
      }
    }
    if (scratch.data == null) {
      data = null;
      return new WriteOutcome.Applied(0, version);
    }
    return changed ? advance(scratch.data) : new WriteOutcome.Applied(0, version);
  }

  private @Nullable JsonNode mergedAt(JsonPath path, ObjectNode patch) {
    JsonNode target = MergePatch.valueAt(data, path);
    JsonNode merged = MergePatchTest.reference(target == null ? Cells.json("{}") : target, patch);
    return written(List.of(PathWrite.of(path, merged)));
  }

  /** One branch that leads to the removal of what is not there is no change, nor a creation. */
  private boolean removesNothing(JsonNode target, ObjectNode patch) {
    JsonNode here = target;
    JsonNode change = patch;
    while (change instanceof ObjectNode && change.size() == 1 && here instanceof ObjectNode) {
      String key = change.fieldNames().next();
      // As part of a sequence a merge goes its own way, which needs no path.
      if (!isScratch
          && JsonPath.parse(key)
              .filter(path -> path.steps().equals(List.of(new JsonPath.Key(key))))
              .isEmpty()) {
        return false;
      }
      change = change.path(key);
      here = here.path(key);
    }
    return change.isNull() && here.isMissingNode();
  }
}
