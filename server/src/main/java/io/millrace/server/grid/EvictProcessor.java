package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/**
 * Takes a record out of the grid that is stored, or removed and not to be remembered any more, if
 * nobody follows it and nothing has happened to it since it was found to be so. Answers with Done
 * if it did. The backup does what the owner did.
 */
final class EvictProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 21;

  private long sequence;
  private transient boolean inUse;

  EvictProcessor() {}

  EvictProcessor(long sequence) {
    this.sequence = sequence;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    inUse = !isBackup() && (cell.sequence() != sequence || services.isFollowed(cell));
    if (inUse) {
      return new GridAnswer.Sequence(cell.sequence());
    }
    cell.clear();
    return new GridAnswer.Done();
  }

  @Override
  boolean skipsBackup() {
    return inUse;
  }

  @Override
  CellProcessor copy() {
    return new EvictProcessor(sequence);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeLong(sequence);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    sequence = in.readLong();
  }
}
