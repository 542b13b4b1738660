package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.millrace.server.record.RecordCell;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows the cells of a partition of this node, one after the other, on the partition thread. On
 * another node, to which the partition has moved, it does nothing.
 */
final class ScanProcessor
    implements EntryProcessor<String, RecordCell, GridAnswer>,
        ReadOnly,
        IdentifiedDataSerializable {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 22;

  /** Looks at a cell; must not change it. */
  interface Visitor {
    void visit(Map.Entry<String, RecordCell> entry);
  }

  private transient @Nullable Visitor visitor;

  ScanProcessor() {}

  ScanProcessor(Visitor visitor) {
    this.visitor = visitor;
  }

  @Override
  @SuppressWarnings("NullAway") // a scan has no results
  public GridAnswer process(Map.Entry<String, RecordCell> entry) {
    Visitor here = visitor;
    if (here != null && entry.getValue() != null) {
      here.visit(entry);
    }
    return null;
  }

  @Override
  public @Nullable EntryProcessor<String, RecordCell, GridAnswer> getBackupProcessor() {
    return null;
  }

  @Override
  public int getFactoryId() {
    return GridSerialization.FACTORY_ID;
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) {}

  @Override
  public void readData(ObjectDataInput in) {}
}
