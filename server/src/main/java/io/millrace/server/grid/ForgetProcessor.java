package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/** Takes a removed record out of the grid, if nothing has happened to it since. */
final class ForgetProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 7;

  private long sequence;

  ForgetProcessor() {}

  ForgetProcessor(long sequence) {
    this.sequence = sequence;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    cell.forgetIfRemoved(sequence);
    return new GridAnswer.Done();
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
