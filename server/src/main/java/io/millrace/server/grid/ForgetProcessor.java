package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/**
 * Takes a removed record out of the grid, if nothing has happened to it since, and storage keeps
 * which deltas it has seen or it has seen none. On another node, to which the partition has moved,
 * it does nothing: that one passes the removal on once more, and forgets it then. The backup does
 * what the owner did.
 */
final class ForgetProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 7;

  private long sequence;
  private transient boolean isHere;
  private transient boolean leftAlone;

  ForgetProcessor() {}

  ForgetProcessor(long sequence) {
    this.sequence = sequence;
    this.isHere = true;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    leftAlone = !isBackup() && !(isHere && (services.isStored(name) || cell.positions().isEmpty()));
    if (!leftAlone) {
      cell.forgetIfRemoved(sequence);
    }
    return new GridAnswer.Done();
  }

  @Override
  boolean skipsBackup() {
    return leftAlone;
  }

  @Override
  CellProcessor copy() {
    return new ForgetProcessor(sequence);
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
