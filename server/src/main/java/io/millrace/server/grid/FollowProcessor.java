package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import java.io.IOException;

/** Notes a node's interest and reads the state in one step, so that no change falls in between. */
final class FollowProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 2;

  private String node = "";
  private boolean create;
  private long newIncarnation;
  private transient boolean refused;

  FollowProcessor() {}

  FollowProcessor(String node, boolean create, long newIncarnation) {
    this.node = node;
    this.create = create;
    this.newIncarnation = newIncarnation;
  }

  @Override
  boolean publishes(RecordCell cell) {
    return create && !cell.exists();
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    refused = false;
    if (!cell.exists() && !isBackup() && services.claims().isMinority()) {
      // What is missing here may only be on the other side: nobody must be told that it is gone.
      refused = true;
      return new GridAnswer.Refused();
    }
    refused = create && !cell.exists() && !isBackup() && services.refusesChanges(name);
    if (refused) {
      return new GridAnswer.StorageFull();
    }
    if (create && !cell.exists()) {
      services.write(
          name,
          cell,
          new OwnerSide.Order(new RecordCommand.Create(), newIncarnation),
          null,
          null,
          null,
          isBackup());
    }
    cell.addInterest(node);
    return isBackup() ? new GridAnswer.Done() : new GridAnswer.State(cell.snapshot());
  }

  @Override
  boolean skipsBackup() {
    return refused;
  }

  @Override
  CellProcessor copy() {
    return new FollowProcessor(node, create, newIncarnation);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeString(node);
    out.writeBoolean(create);
    out.writeLong(newIncarnation);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    node = GridSerialization.readText(in);
    create = in.readBoolean();
    newIncarnation = in.readLong();
  }
}
