package io.millrace.server.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.partition.Partition;
import com.hazelcast.query.Predicates;
import io.millrace.server.record.RecordCell;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The partitions that this node owns. Thread-safe. */
final class LocalPartitions {
  private final HazelcastInstance hazelcast;
  private final IMap<String, RecordCell> records;

  /** A name in each partition, by which Hazelcast lets a partition be named. */
  private final Map<Integer, String> names = new HashMap<>();

  LocalPartitions(HazelcastInstance hazelcast, IMap<String, RecordCell> records) {
    this.hazelcast = hazelcast;
    this.records = records;
    int count = hazelcast.getPartitionService().getPartitions().size();
    for (int i = 0; names.size() < count; i++) {
      String name = Integer.toString(i);
      names.putIfAbsent(hazelcast.getPartitionService().getPartition(name).getPartitionId(), name);
    }
  }

  Set<Integer> owned() {
    Set<Integer> owned = new TreeSet<>();
    for (Partition partition : hazelcast.getPartitionService().getPartitions()) {
      if (isLocal(partition)) {
        owned.add(partition.getPartitionId());
      }
    }
    return owned;
  }

  /** Whether the name is in one of them. */
  boolean contains(String name) {
    return isLocal(hazelcast.getPartitionService().getPartition(name));
  }

  /** The partition of a name. */
  int of(String name) {
    return hazelcast.getPartitionService().getPartition(name).getPartitionId();
  }

  private boolean isLocal(Partition partition) {
    Member owner = partition.getOwner();
    return owner != null && owner.localMember();
  }

  /**
   * Shows all cells of a partition, on its thread; blocks until that is done. If the partition is
   * not here any more, nothing is shown.
   */
  void scan(int partition, ScanProcessor.Visitor visitor) {
    String name = names.get(partition);
    if (name != null) {
      records.executeOnEntries(
          new ScanProcessor(visitor), Predicates.partitionPredicate(name, Predicates.alwaysTrue()));
    }
  }
}
