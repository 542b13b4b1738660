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
 * Brings into the grid what storage knows of a record, null if that is nothing. A record that the
 * grid holds already is left alone, unless it was changed behind the server's back (NOTIFY,
 * protocol §3.7).
 */
final class InstallProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 5;

  private transient @Nullable StoredRecord stored;
  private boolean overwrite;

  InstallProcessor() {}

  InstallProcessor(@Nullable StoredRecord stored, boolean overwrite) {
    this.stored = stored;
    this.overwrite = overwrite;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    boolean fresh = cell.isBlank();
    List<String> interest = cell.interest();
    if (fresh || overwrite) {
      RecordChange change = cell.install(name, stored);
      if (change != null && !isBackup()) {
        services.publish(interest, change);
      }
    }
    return new GridAnswer.Done();
  }

  @Override
  boolean installs() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new InstallProcessor(stored, overwrite);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    out.writeBoolean(overwrite);
    GridSerialization.writeStored(out, stored);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    overwrite = in.readBoolean();
    stored = GridSerialization.readStored(in);
  }
}
