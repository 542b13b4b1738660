package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.MergingValue;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import io.millrace.server.record.RecordCell;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a record that both sides of a split have, when the sides meet: the later life, in
 * it the higher version. Instantiated by Hazelcast, by name.
 */
public final class RecordMergePolicy
    implements SplitBrainMergePolicy<RecordCell, MergingValue<RecordCell>, RecordCell> {
  private static final long serialVersionUID = 1;

  @Override
  public @Nullable RecordCell merge(
      MergingValue<RecordCell> merging, @Nullable MergingValue<RecordCell> existing) {
    RecordCell theirs = merging.getDeserializedValue();
    RecordCell ours = existing == null ? null : existing.getDeserializedValue();
    if (theirs == null || ours == null) {
      return theirs == null ? ours : theirs;
    }
    return RecordCell.merged(ours, theirs);
  }

  @Override
  public void writeData(ObjectDataOutput out) {}

  @Override
  public void readData(ObjectDataInput in) {}
}
