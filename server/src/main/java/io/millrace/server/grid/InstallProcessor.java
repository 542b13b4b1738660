package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.Ownership;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.StoredRecord;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Brings into the grid what storage knows of a record that the grid does not hold; null if that is
 * nothing. A record that it holds by now is left alone. The backup does what the owner did.
 */
final class InstallProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 5;

  private transient @Nullable StoredRecord stored;
  private transient boolean leftAlone;

  /** What the owner signs it with. */
  private transient Ownership ownership = Ownership.NONE;

  /** Whether writes may be repeated that the record has had in an earlier life of the cell. */
  private transient boolean forgets = true;

  InstallProcessor() {}

  InstallProcessor(@Nullable StoredRecord stored) {
    this.stored = stored;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    StoredRecord found = stored;
    if (!isBackup()) {
      ownership = found == null ? Ownership.NONE : services.claims().installed(found.version());
      forgets = found != null || services.claims().mayHaveLostRecords();
    }
    leftAlone = !isBackup() && !cell.isBlank();
    if (!leftAlone) {
      cell.clear();
      cell.install(found);
      cell.restore(ownership, forgets ? RecentWrites.forgotten(cell.now()) : RecentWrites.NONE);
      cell.confirm();
    }
    return new GridAnswer.Done();
  }

  @Override
  boolean skipsBackup() {
    return leftAlone;
  }

  @Override
  boolean installs() {
    return true;
  }

  @Override
  CellProcessor copy() {
    InstallProcessor copy = new InstallProcessor(stored);
    copy.ownership = ownership;
    copy.forgets = forgets;
    return copy;
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    GridSerialization.writeStored(out, stored);
    GridSerialization.writeOwnership(out, ownership);
    out.writeBoolean(forgets);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    stored = GridSerialization.readStored(in);
    ownership = GridSerialization.readOwnership(in);
    forgets = in.readBoolean();
  }
}
