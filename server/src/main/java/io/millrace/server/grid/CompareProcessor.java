package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordSnapshot;
import java.io.IOException;

/**
 * Notes a node's interest once more, and says what the node does not have. If the node has more
 * than the owner, an owner before was lost with it: the record moves past that, so that nobody
 * stays with what is not there.
 */
final class CompareProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;

  static final int CLASS_ID = 11;
  private String node = "";
  private long incarnation;
  private int version;

  CompareProcessor() {}

  CompareProcessor(String node, long incarnation, int version) {
    this.node = node;
    this.incarnation = incarnation;
    this.version = version;
  }

  @Override
  boolean publishes(RecordCell cell) {
    return cell.exists() && cell.isBehind(incarnation, version);
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    if (!isBackup() && services.claims().isMinority()) {
      // What is missing here may only be on the other side.
      return new GridAnswer.Refused();
    }
    cell.addInterest(node);
    boolean isSame =
        cell.exists()
            ? cell.incarnation() == incarnation && cell.version() == version
            : version == RecordSnapshot.MISSING;
    if (isSame) {
      return new GridAnswer.Done();
    }
    boolean movesPast = publishes(cell);
    if (movesPast) {
      RecordChange change = cell.movePast(new RecordName(name), incarnation, version);
      if (!isBackup()) {
        services.publish(cell, cell.interest(), change);
        services.flush(name, cell);
      }
    }
    return isBackup()
        ? new GridAnswer.Done()
        : new GridAnswer.Different(cell.snapshot(), movesPast);
  }

  @Override
  CellProcessor copy() {
    return new CompareProcessor(node, incarnation, version);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeString(node);
    out.writeLong(incarnation);
    out.writeInt(version);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    node = GridSerialization.readText(in);
    incarnation = in.readLong();
    version = in.readInt();
  }
}
