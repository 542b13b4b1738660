package io.millrace.server.grid;

import com.hazelcast.internal.serialization.Data;
import com.hazelcast.map.impl.operation.EntryOperator;
import com.hazelcast.map.impl.operation.MapOperation;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.impl.operationservice.MutatingOperation;
import com.hazelcast.spi.impl.operationservice.PartitionAwareOperation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What goes over the wire, and how one of it is carried out. */
abstract class BatchItems extends MapOperation
    implements PartitionAwareOperation, MutatingOperation {
  /** A processor and the record that it is for. */
  record Item(String name, CellProcessor processor) {}

  transient List<Item> items = List.of();

  BatchItems() {}

  BatchItems(String map, List<Item> items) {
    super(map);
    this.items = items;
  }

  final void operate(Item item) {
    item.processor().setHazelcastInstance(getNodeEngine().getHazelcastInstance());
    item.processor().keepAnswer();
    Data key = getNodeEngine().toData(item.name());
    EntryOperator unused =
        EntryOperator.operator(this, item.processor()).operateOnKey(key).doPostOperateOps();
  }

  @Override
  public final int getFactoryId() {
    return GridSerialization.FACTORY_ID;
  }

  @Override
  protected final void writeInternal(ObjectDataOutput out) throws IOException {
    super.writeInternal(out);
    out.writeInt(items.size());
    for (Item item : items) {
      out.writeString(item.name());
      out.writeObject(item.processor());
    }
  }

  @Override
  protected final void readInternal(ObjectDataInput in) throws IOException {
    super.readInternal(in);
    int size = in.readInt();
    List<Item> found = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String name = GridSerialization.readText(in);
      CellProcessor processor = in.readObject();
      if (processor == null) {
        throw new IOException("a batch without a processor");
      }
      found.add(new Item(name, processor));
    }
    items = found;
  }
}
