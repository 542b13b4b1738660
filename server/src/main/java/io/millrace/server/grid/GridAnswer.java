package io.millrace.server.grid;

import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.WriteOutcome;

/** What a processor answers from the owner. */
sealed interface GridAnswer {

  /**
   * @param durableLater whether the write's ticket will be completed when the change is stored
   * @param sequence the cell's after the write
   */
  record Written(WriteOutcome outcome, boolean durableLater, long sequence) implements GridAnswer {}

  /** The state of the record. */
  record State(RecordSnapshot snapshot) implements GridAnswer {}

  /** The version of the record, -1 if it is missing. */
  record Version(int version) implements GridAnswer {}

  /** How far the record has come. */
  record Sequence(long sequence) implements GridAnswer {}

  /**
   * The node that asked has something else.
   *
   * @param movedPast whether the record has moved past what the node has
   */
  record Different(RecordSnapshot snapshot, boolean movedPast) implements GridAnswer {}

  /** Nothing was done but that the owner signed the record: to be asked again with the claim. */
  record NotClaimed(String owner) implements GridAnswer {}

  /** Nothing was done: so few nodes see each other that others may decide without them. */
  record Refused() implements GridAnswer {}

  /** Done, and nothing to say. */
  record Done() implements GridAnswer {}

  /** Nothing was done, because storage has been away for too long. */
  record StorageFull() implements GridAnswer {}

  /** The grid does not hold the record: it has to be loaded from storage first. */
  record NotLoaded() implements GridAnswer {}

  /** It could not be done now; what else was asked for in the same batch was done. */
  record Failed(String reason) implements GridAnswer {}
}
