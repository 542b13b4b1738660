package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonDepth;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonSize;
import io.millrace.server.record.RecordChange.At;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record's data while a delta of several steps is carried out: the live tree, changed in place
 * with the way back at hand, because a copy would cost as much as the record is large. Steps are
 * methods that say why they cannot be taken; then {@link #undo} leaves everything as it was.
 *
 * <p>What is done depends on the data and the delta only, limits included: owner and backup come to
 * the same.
 */
final class RecordDraft {

  /**
   * How many times the largest record may be moved about within one delta: 1,000 insertions at the
   * beginning of an array of 500,000 would keep a partition thread for a second.
   */
  private static final int MAX_MOVES = 64;

  private final long maxSize;
  private final Deque<JsonPatch.Undo> undo = new ArrayDeque<>();
  private final DirtyPaths dirty = new DirtyPaths();
  private @Nullable ContainerNode<?> data;
  private long size;
  private long moved;

  /** Whether anything was written, be it what was there before. */
  private boolean touched;

  RecordDraft(@Nullable ContainerNode<?> data, long size, long maxSize) {
    this.data = data;
    this.size = size;
    this.maxSize = maxSize;
  }

  @Nullable ContainerNode<?> data() {
    return data;
  }

  long size() {
    return size;
  }

  boolean isChanged() {
    return touched || !dirty.isEmpty();
  }

  /** What followers may write to have the same; empty: they need the whole. */
  Optional<List<At>> writes() {
    ContainerNode<?> tree = data;
    return tree == null || dirty.isEmpty() ? Optional.empty() : dirty.writes(tree, size);
  }

  /** Gives the tree that was handed in back as it was. To be called once, as the last thing. */
  void undo() {
    undo.forEach(JsonPatch.Undo::run);
    undo.clear();
  }

  /** Carries it out, or says why it cannot be: then it may be half done. */
  Optional<String> apply(DeltaOperation operation) {
    return switch (operation) {
      case DeltaOperation.Set set -> replace(set.data());
      case DeltaOperation.Patch patch -> put(patch.path(), patch.value());
      case DeltaOperation.Erase erase -> data == null ? Optional.empty() : put(erase.path(), null);
      case DeltaOperation.Merge merge -> merge(merge.patch());
      case DeltaOperation.MergeAt merge -> mergeAt(merge.path(), merge.patch());
      case DeltaOperation.Delete() -> delete();
      case DeltaOperation.JsonPatch patch -> new JsonPatchRun(this, patch.operations()).run();
      case DeltaOperation.Sequence sequence -> applyAll(sequence.operations());
    };
  }

  private Optional<String> applyAll(List<DeltaOperation> operations) {
    int index = 0;
    for (DeltaOperation operation : operations) {
      Optional<String> refusal = apply(operation);
      if (refusal.isPresent()) {
        int failed = index;
        return refusal.map(reason -> "change " + failed + " of the message: " + reason);
      }
      index++;
    }
    return Optional.empty();
  }

  // --- steps; containers handed in are part of the data, places lead to them

  Optional<String> replace(ContainerNode<?> tree) {
    data = tree;
    size = 0;
    dirty.mark(List.of());
    return grow(JsonSize.of(tree));
  }

  private Optional<String> delete() {
    if (data != null) {
      data = null;
      size = 0;
      dirty.mark(List.of());
    }
    return Optional.empty();
  }

  /** The data, which is {@code {}} from now on if there was none. */
  ContainerNode<?> tree() {
    ContainerNode<?> tree = data;
    if (tree == null) {
      tree = JsonNodeFactory.instance.objectNode();
      data = tree;
      size = JsonSize.of(tree);
      dirty.mark(List.of());
    }
    return tree;
  }

  private Optional<String> put(JsonPath path, @Nullable JsonNode value) {
    return write(tree(), path, value, path.steps().stream().map(RecordDraft::nameOf).toList());
  }

  /** Sets a member of an object or an element of an array; null removes the member. */
  Optional<String> put(
      ContainerNode<?> container, List<String> place, String name, @Nullable JsonNode value) {
    List<String> whole = below(place, name);
    if (value != null && !JsonDepth.isAtMost(Limits.MAX_JSON_DEPTH - whole.size(), value)) {
      return Optional.of("nested too deeply");
    }
    return write(container, new JsonPath(name, List.of(new JsonPath.Key(name))), value, whole);
  }

  private Optional<String> write(
      ContainerNode<?> container, JsonPath path, @Nullable JsonNode value, List<String> place) {
    return switch (JsonPatch.apply(container, path, value)) {
      case JsonPatch.Result.Applied applied -> {
        undo.push(applied.undo());
        dirty.mark(place);
        yield grow(applied.growth());
      }
      case JsonPatch.Result.Refused refused -> Optional.of(refused.reason());
    };
  }

  /** Inserts an element; the later ones move up. */
  Optional<String> insert(ArrayNode array, List<String> place, int index, JsonNode value) {
    if (!JsonDepth.isAtMost(Limits.MAX_JSON_DEPTH - place.size() - 1, value)) {
      return Optional.of("nested too deeply");
    }
    int later = array.size() - index;
    array.insert(index, value);
    undo.push(() -> array.remove(index));
    // Behind the last one it is a write of that element, and else one of the whole array.
    dirty.mark(later == 0 ? below(place, Integer.toString(index)) : place);
    return grow(JsonSize.of(value) + (array.size() > 1 ? 1 : 0)).or(() -> move(later));
  }

  /** Removes an element; the later ones move down. */
  Optional<String> remove(ArrayNode array, List<String> place, int index) {
    JsonNode old = array.remove(index);
    undo.push(() -> array.insert(index, old));
    dirty.mark(place);
    return grow(-JsonSize.of(old) - (array.isEmpty() ? 0 : 1)).or(() -> move(array.size() - index));
  }

  /** Counts work that the change of size does not show. */
  Optional<String> move(long units) {
    moved += units;
    return moved > MAX_MOVES * maxSize
        ? Optional.of("too much of the record is moved about")
        : Optional.empty();
  }

  private Optional<String> grow(long growth) {
    size += growth;
    return size > RecordWrites.MAX_EXCESS * maxSize
        ? Optional.of("the record would measure " + size + " characters, allowed are " + maxSize)
        : Optional.empty();
  }

  // --- merges, which cost what the patch does

  private Optional<String> merge(ObjectNode patch) {
    if (removesNothing(patch)) {
      return Optional.empty();
    }
    touched = true;
    return data == null || data instanceof ObjectNode
        ? merge((ObjectNode) tree(), List.of(), patch)
        : replace(MergePatch.merged(patch.objectNode(), patch));
  }

  /** One branch that leads to the removal of what is not there is no change, nor a creation. */
  private boolean removesNothing(ObjectNode patch) {
    JsonNode here = data == null ? patch.objectNode() : data;
    JsonNode change = patch;
    while (change.size() == 1 && change instanceof ObjectNode && here instanceof ObjectNode) {
      Map.Entry<String, JsonNode> only = change.properties().iterator().next();
      here = here.path(only.getKey());
      change = only.getValue();
    }
    return change.isNull() && here.isMissingNode();
  }

  private Optional<String> mergeAt(JsonPath path, ObjectNode patch) {
    touched = true;
    return MergePatch.valueAt(data, path) instanceof ObjectNode target
        ? merge(target, path.steps().stream().map(RecordDraft::nameOf).toList(), patch)
        : put(path, MergePatch.merged(patch.objectNode(), patch));
  }

  private Optional<String> merge(ObjectNode target, List<String> place, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      Optional<String> refusal = mergeMember(target, place, entry.getKey(), entry.getValue());
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  private Optional<String> mergeMember(
      ObjectNode target, List<String> place, String name, JsonNode value) {
    if (value.isNull()) {
      return target.has(name) ? put(target, place, name, null) : Optional.empty();
    }
    if (!(value instanceof ObjectNode deeper)) {
      return put(target, place, name, value);
    }
    return target.get(name) instanceof ObjectNode below
        ? merge(below, below(place, name), deeper)
        : put(target, place, name, MergePatch.merged(deeper.objectNode(), deeper));
  }

  static List<String> below(List<String> place, String name) {
    List<String> below = new ArrayList<>(place.size() + 1);
    below.addAll(place);
    below.add(name);
    return below;
  }

  private static String nameOf(JsonPath.Step step) {
    return switch (step) {
      case JsonPath.Key(String name) -> name;
      case JsonPath.Index(int index) -> Integer.toString(index);
    };
  }
}
