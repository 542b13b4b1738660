package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.millrace.server.record.RecordCell;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shell that all processors share: finds the owner's services, runs on the owner or, as the
 * same delta, on the backup, and keeps blank cells out of the map. Runs on the partition thread;
 * never blocks, never re-enters the grid.
 */
abstract class CellProcessor
    implements EntryProcessor<String, RecordCell, GridAnswer>,
        HazelcastInstanceAware,
        IdentifiedDataSerializable {
  private static final long serialVersionUID = 1;

  private boolean backup;

  /** The owner's time, which is the backup's as well. */
  private long ownersMicros;

  private transient @Nullable OwnerSide owner;

  @Override
  public final void setHazelcastInstance(HazelcastInstance hazelcast) {
    owner = OwnerSide.of(hazelcast);
  }

  @Override
  public final GridAnswer process(Map.Entry<String, RecordCell> entry) {
    OwnerSide services = owner;
    if (services == null) {
      throw new IllegalStateException("a processor that was not initialised");
    }
    String name = entry.getKey();
    RecordCell found = entry.getValue();
    if (found == null && services.isStored(name) && !installs()) {
      return new GridAnswer.NotLoaded();
    }
    RecordCell cell = found == null ? new RecordCell() : found;
    if (!backup) {
      ownersMicros = services.micros();
    }
    cell.at(ownersMicros);
    GridAnswer answer = process(services, name, cell);
    if (isReadOnly()) {
      return answer;
    }
    if (!cell.isBlank() || (installs() && services.isStored(name))) {
      entry.setValue(cell);
    } else if (found != null) {
      entry.setValue(null);
    }
    return answer;
  }

  /** What this processor does to the cell, which it may change. */
  abstract GridAnswer process(OwnerSide services, String name, RecordCell cell);

  /** Whether it brings what storage knows, so that a cell may be made where there is none. */
  boolean installs() {
    return false;
  }

  boolean isReadOnly() {
    return false;
  }

  /** After it has run on the owner: whether the backup has nothing to do. */
  boolean skipsBackup() {
    return isReadOnly();
  }

  final boolean isBackup() {
    return backup;
  }

  /** The same, to be run on the backup. */
  abstract CellProcessor copy();

  @Override
  public final @Nullable EntryProcessor<String, RecordCell, GridAnswer> getBackupProcessor() {
    if (skipsBackup()) {
      return null;
    }
    CellProcessor copy = copy();
    copy.backup = true;
    copy.ownersMicros = ownersMicros;
    return copy;
  }

  @Override
  public final int getFactoryId() {
    return GridSerialization.FACTORY_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeBoolean(backup);
    out.writeLong(ownersMicros);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    backup = in.readBoolean();
    ownersMicros = in.readLong();
  }
}
