package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordSnapshot;
import java.io.IOException;

/** Reads the state, or only the version. */
final class ReadProcessor extends CellProcessor implements ReadOnly {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 4;

  private boolean versionOnly;

  ReadProcessor() {}

  ReadProcessor(boolean versionOnly) {
    this.versionOnly = versionOnly;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    if (!cell.exists() && services.claims().isMinority()) {
      // What is missing here may only be on the other side: nobody must be told that it is gone.
      return new GridAnswer.Refused();
    }
    if (versionOnly) {
      return new GridAnswer.Version(cell.exists() ? cell.version() : RecordSnapshot.MISSING);
    }
    return new GridAnswer.State(cell.snapshot());
  }

  /** What it would answer for a record that is neither in the grid nor in storage. */
  GridAnswer missing() {
    return versionOnly
        ? new GridAnswer.Version(RecordSnapshot.MISSING)
        : new GridAnswer.State(RecordSnapshot.missing(0));
  }

  @Override
  boolean isReadOnly() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new ReadProcessor(versionOnly);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeBoolean(versionOnly);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    versionOnly = in.readBoolean();
  }
}
