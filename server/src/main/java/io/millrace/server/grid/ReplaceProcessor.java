package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes over what storage holds after it was changed behind the server's back (NOTIFY, protocol
 * §3.7), unless the record has changed since it was stored: then what was read is not what is to be
 * taken over, and it has to be read again.
 */
final class ReplaceProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 9;

  private transient @Nullable StoredRecord stored;
  private long expectedSequence;
  private long newIncarnation;

  ReplaceProcessor() {}

  ReplaceProcessor(@Nullable StoredRecord stored, long expectedSequence, long newIncarnation) {
    this.stored = stored;
    this.expectedSequence = expectedSequence;
    this.newIncarnation = newIncarnation;
  }

  @Override
  boolean publishes(RecordCell cell) {
    return cell.sequence() == expectedSequence;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    if (cell.sequence() != expectedSequence) {
      return new GridAnswer.Sequence(cell.sequence());
    }
    List<String> interest = cell.interest();
    RecordChange change = cell.replace(name, stored, newIncarnation);
    if (change != null && !isBackup()) {
      services.publish(cell, interest, change);
      services.flush(name, cell);
    }
    return new GridAnswer.Done();
  }

  @Override
  CellProcessor copy() {
    return new ReplaceProcessor(stored, expectedSequence, newIncarnation);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeLong(expectedSequence);
    out.writeLong(newIncarnation);
    GridSerialization.writeStored(out, stored);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    expectedSequence = in.readLong();
    newIncarnation = in.readLong();
    stored = GridSerialization.readStored(in);
  }
}
