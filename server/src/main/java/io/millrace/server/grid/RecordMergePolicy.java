package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.MergingEntry;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a record that both sides of a split have, when the sides meet. Where only the
 * bigger part can have promised anything, what that has; else the later life, in it the higher
 * version. Instantiated by Hazelcast, by name; runs on the partition thread of the owner in the
 * bigger part.
 *
 * <p>What only the smaller part has, this part has removed, or taken out of the grid to load it
 * from storage when it is asked for. Neither may come back as it was before the split.
 */
public final class RecordMergePolicy
    implements SplitBrainMergePolicy<RecordCell, MergingEntry<String, RecordCell>, RecordCell>,
        HazelcastInstanceAware {
  private static final long serialVersionUID = 1;

  private transient @Nullable OwnerSide owner;

  @Override
  public void setHazelcastInstance(HazelcastInstance hazelcast) {
    owner = OwnerSide.of(hazelcast);
  }

  @Override
  public @Nullable RecordCell merge(
      MergingEntry<String, RecordCell> merging,
      @Nullable MergingEntry<String, RecordCell> existing) {
    return merge(
        merging.getKey(),
        merging.getDeserializedValue(),
        existing == null ? null : existing.getDeserializedValue());
  }

  private @Nullable RecordCell merge(
      String name, @Nullable RecordCell theirs, @Nullable RecordCell ours) {
    OwnerSide services = owner;
    if (services == null) {
      throw new IllegalStateException("a policy that was not initialised");
    }
    boolean unknown = ours == null || ours.version() == RecordSnapshot.MISSING;
    if (theirs == null || (unknown && services.knowsBetter(name))) {
      return ours;
    }
    if (ours != null && services.claims().hasOutlivedSplit()) {
      return kept(services, name, ours, theirs);
    }
    RecordCell merged = ours == null ? theirs : RecordCell.merged(ours, theirs);
    // Nobody else has it stored as it is now.
    services.flush(name, merged);
    return merged;
  }

  /**
   * Nothing was promised that ours does not include. But an owner that did not know yet that it was
   * cut off may have published something later, and have stored it.
   */
  private static RecordCell kept(
      OwnerSide services, String name, RecordCell ours, RecordCell theirs) {
    if (!ours.exists() || !ours.isBehind(theirs.incarnation(), theirs.version())) {
      return ours;
    }
    RecordCell kept = ours.moved();
    kept.at(services.micros());
    RecordChange change =
        kept.movePast(new RecordName(name), theirs.incarnation(), theirs.version());
    services.publish(kept, kept.interest(), change);
    services.flush(name, kept);
    return kept;
  }

  @Override
  public void writeData(ObjectDataOutput out) {}

  @Override
  public void readData(ObjectDataInput in) {}
}
