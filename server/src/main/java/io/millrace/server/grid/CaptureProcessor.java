package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.StoredRecord;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a record's state for storage. It is handed over by reference to the write-behind of the
 * same node, because state need not travel for that; on another node, to which the partition has
 * moved meanwhile, it does nothing: the new owner stores what it owns.
 */
final class CaptureProcessor extends CellProcessor implements ReadOnly {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 6;

  /** Gets the state and the sequence it stands for. */
  private transient @Nullable BiConsumer<StoredRecord, Long> sink;

  CaptureProcessor() {}

  CaptureProcessor(BiConsumer<StoredRecord, Long> sink) {
    this.sink = sink;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    BiConsumer<StoredRecord, Long> target = sink;
    if (target != null) {
      var data = cell.data();
      target.accept(
          new StoredRecord(
              new RecordName(name),
              cell.incarnation(),
              cell.version(),
              data == null ? null : Json.text(data),
              cell.positions()),
          cell.sequence());
    }
    return new GridAnswer.Done();
  }

  @Override
  boolean isReadOnly() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new CaptureProcessor();
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }
}
