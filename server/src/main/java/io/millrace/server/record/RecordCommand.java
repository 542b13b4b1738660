package io.millrace.server.record;

import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.JsonText;
import java.util.List;

/** All that can be asked of a record's owner to change it. Trees are handed over to the owner. */
public sealed interface RecordCommand {

  /** The version that stands for "whatever is there". */
  int ANY_VERSION = -1;

  /** Creates the record as {@code {}} at version 0 where there is none. */
  record Create() implements RecordCommand {}

  /**
   * Replaces the whole data.
   *
   * @param expected the version to be created, or {@link #ANY_VERSION}
   * @param upsert whether a missing record counts as {@code {}} at version 0
   */
  record Replace(int expected, boolean upsert, ContainerNode<?> data, JsonText text)
      implements RecordCommand {}

  /** Writes paths in order, one version, all or nothing. */
  record WritePaths(int expected, boolean upsert, List<PathWrite> writes) implements RecordCommand {
    public WritePaths {
      writes = List.copyOf(writes);
    }
  }

  /** Replaces the whole data past all versions: a hot path (protocol §3.8). */
  record ReplaceHot(ContainerNode<?> data, JsonText text) implements RecordCommand {}

  /** Removes the record. */
  record Remove() implements RecordCommand {}

  /**
   * Applies a delta from a log, unless the record has it already (P5).
   *
   * @param after the offset that the record must have seen before, or {@link Delta#NONE}
   */
  record ApplyDelta(DeltaOperation operation, LogPosition position, long after)
      implements RecordCommand {}
}
