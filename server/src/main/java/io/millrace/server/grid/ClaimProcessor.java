package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.Ownership;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/** Copies an owner's signature to the backup. */
final class ClaimProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;

  static final int CLASS_ID = 10;
  private transient Ownership ownership = Ownership.NONE;

  ClaimProcessor() {}

  ClaimProcessor(Ownership ownership) {
    this.ownership = ownership;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    cell.sign(ownership);
    return new GridAnswer.Done();
  }

  @Override
  CellProcessor copy() {
    return new ClaimProcessor(ownership);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    GridSerialization.writeOwnership(out, ownership);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    ownership = GridSerialization.readOwnership(in);
  }
}
