package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.StoredRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a record's state for storage or a changelog. It is handed over by reference to the
 * write-behind of the same node, because state need not travel for that. On another node, to which
 * the partition has moved meanwhile, it hands over the duty instead: that node has the record
 * stored and ends the waits.
 */
final class CaptureProcessor extends CellProcessor implements ReadOnly {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 6;

  /** Gets the state and the sequence it stands for; does not travel. */
  private transient @Nullable BiConsumer<StoredRecord, Long> sink;

  private String duty = "";
  private transient List<OpenWait> waits = List.of();

  CaptureProcessor() {}

  CaptureProcessor(
      String duty, List<OpenWait> waits, @Nullable BiConsumer<StoredRecord, Long> sink) {
    this.duty = duty;
    this.waits = List.copyOf(waits);
    this.sink = sink;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    BiConsumer<StoredRecord, Long> target = sink;
    if (target == null) {
      services.takeOver(duty, name, cell, waits);
      return new GridAnswer.Done();
    }
    if (cell.isBlank() && !services.isStored(name)) {
      // All copies were lost. That is no removal, and there is nothing to be passed on.
      return new GridAnswer.Done();
    }
    var data = cell.data();
    target.accept(
        new StoredRecord(
            new RecordName(name),
            cell.incarnation(),
            cell.version(),
            data == null ? null : Json.text(data),
            cell.positions()),
        cell.sequence());
    return new GridAnswer.Done();
  }

  @Override
  boolean isReadOnly() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new CaptureProcessor(duty, waits, null);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeString(duty);
    out.writeInt(waits.size());
    for (OpenWait wait : waits) {
      out.writeLong(wait.sequence());
      GridSerialization.writeTicket(out, wait.ticket());
    }
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    duty = GridSerialization.readText(in);
    List<OpenWait> read = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      long sequence = in.readLong();
      read.add(new OpenWait(sequence, GridSerialization.readTicket(in), System.nanoTime()));
    }
    waits = List.copyOf(read);
  }
}
