package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPath;
import java.util.List;

/**
 * What a delta does to its record. Unlike the writes of clients, deltas bring no version: they
 * apply to whatever is there, and a missing record is created as {@code {}} first (except by
 * Delete). The trees are handed over: whoever built them does not touch them again.
 */
public sealed interface DeltaOperation {

  /** Replaces the whole data. */
  record Set(ContainerNode<?> data) implements DeltaOperation {}

  /** Replaces what is at the path. */
  record Patch(JsonPath path, JsonNode value) implements DeltaOperation {}

  /** JSON Merge Patch (RFC 7396) of the whole data. */
  record Merge(ObjectNode patch) implements DeltaOperation {}

  /** JSON Merge Patch (RFC 7396) of the object at the path. */
  record MergeAt(JsonPath path, ObjectNode patch) implements DeltaOperation {}

  /** Removes what is at the path. */
  record Erase(JsonPath path) implements DeltaOperation {}

  /** Removes the record. */
  record Delete() implements DeltaOperation {}

  /**
   * JSON Patch (RFC 6902) of the whole data: all of its operations or none.
   *
   * @param operations what {@link JsonPatchOperations#fault} finds nothing wrong with
   */
  record JsonPatch(ArrayNode operations) implements DeltaOperation {}

  /**
   * One after the other, as one change: all of them or none. A record that is deleted and created
   * again on the way was never gone for anybody.
   */
  record Sequence(List<DeltaOperation> operations) implements DeltaOperation {
    public Sequence {
      operations = List.copyOf(operations);
      if (operations.stream().anyMatch(Sequence.class::isInstance)) {
        throw new IllegalArgumentException("a sequence of sequences");
      }
    }
  }
}
