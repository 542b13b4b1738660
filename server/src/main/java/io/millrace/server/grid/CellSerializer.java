package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import io.millrace.protocol.value.Json;
import io.millrace.server.record.Ownership;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCell;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A cell on its way to another member, when a partition moves. */
final class CellSerializer implements StreamSerializer<RecordCell> {

  @Override
  public int getTypeId() {
    return 6021;
  }

  @Override
  public void write(ObjectDataOutput out, RecordCell cell) throws IOException {
    var data = cell.data();
    out.writeLong(cell.incarnation());
    out.writeInt(cell.version());
    out.writeString(data == null ? null : Json.text(data).text());
    out.writeLong(cell.sequence());
    out.writeLong(cell.since());
    GridSerialization.writePositions(out, cell.positions());
    out.writeInt(cell.interest().size());
    for (String node : cell.interest()) {
      out.writeString(node);
    }
    GridSerialization.writeOwnership(out, cell.ownership());
    out.writeLongArray(cell.recentWrites().ids());
    out.writeLong(cell.recentWrites().forgottenAt());
  }

  @Override
  public RecordCell read(ObjectDataInput in) throws IOException {
    long incarnation = in.readLong();
    int version = in.readInt();
    String data = in.readString();
    long sequence = in.readLong();
    long since = in.readLong();
    Map<String, Long> positions = GridSerialization.readPositions(in);
    int nodes = in.readInt();
    List<String> interest = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      interest.add(GridSerialization.readText(in));
    }
    RecordCell cell =
        new RecordCell(
            incarnation,
            version,
            data == null ? null : GridSerialization.tree(data),
            sequence,
            since,
            positions,
            interest);
    Ownership ownership = GridSerialization.readOwnership(in);
    long[] writes = in.readLongArray();
    long forgottenAt = in.readLong();
    cell.restore(ownership, new RecentWrites(writes == null ? new long[0] : writes, forgottenAt));
    return cell;
  }
}
