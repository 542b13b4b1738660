package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/** Ends a node's interest. */
final class UnfollowProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 3;

  private String node = "";

  UnfollowProcessor() {}

  UnfollowProcessor(String node) {
    this.node = node;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    cell.removeInterest(node);
    if (!isBackup() && !cell.exists() && !cell.isBlank() && cell.interest().isEmpty()) {
      // A removed record that was followed until now: storing it once more leads to its being
      // forgotten.
      services.flush(name, cell);
    }
    return new GridAnswer.Done();
  }

  @Override
  CellProcessor copy() {
    return new UnfollowProcessor(node);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeString(node);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    node = GridSerialization.readText(in);
  }
}
