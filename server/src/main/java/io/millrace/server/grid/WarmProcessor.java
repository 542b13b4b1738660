package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Takes over what a changelog says of a record, unless the grid knows that or something newer.
 * Answers with Done if it did. The backup does what the owner did.
 */
final class WarmProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 23;

  private transient StoredRecord state =
      new StoredRecord(new RecordName("none"), 0, 0, null, Map.of());
  private String duty = "";
  private transient boolean leftAlone;

  WarmProcessor() {}

  /**
   * @param duty of the changelog that it comes from
   */
  WarmProcessor(String duty, StoredRecord state) {
    this.duty = duty;
    this.state = state;
  }

  @Override
  boolean publishes(RecordCell cell) {
    return cell.isOlderThan(state);
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    List<String> interest = cell.interest();
    leftAlone = !isBackup() && !cell.isOlderThan(state) && !cell.isBehindIn(state);
    if (leftAlone) {
      return new GridAnswer.Sequence(cell.sequence());
    }
    RecordChange change = cell.warm(state);
    if (!isBackup()) {
      if (change != null) {
        services.publish(cell, interest, change);
      }
      services.warmed(duty, name, cell);
    }
    return new GridAnswer.Done();
  }

  @Override
  boolean skipsBackup() {
    return leftAlone;
  }

  @Override
  CellProcessor copy() {
    return new WarmProcessor(duty, state);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeString(duty);
    GridSerialization.writeStored(out, state);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    duty = GridSerialization.readText(in);
    StoredRecord read = GridSerialization.readStored(in);
    if (read == null) {
      throw new IOException("a state is missing");
    }
    state = read;
  }
}
