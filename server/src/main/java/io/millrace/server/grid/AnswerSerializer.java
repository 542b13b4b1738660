package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.WriteOutcome;
import java.io.IOException;

/** An answer on its way from the owner to the node that asked. */
final class AnswerSerializer implements StreamSerializer<GridAnswer> {

  @Override
  public int getTypeId() {
    return 6022;
  }

  @Override
  public void write(ObjectDataOutput out, GridAnswer answer) throws IOException {
    switch (answer) {
      case GridAnswer.Done() -> out.writeByte(0);
      case GridAnswer.NotLoaded() -> out.writeByte(1);
      case GridAnswer.StorageFull() -> out.writeByte(6);
      case GridAnswer.Version version -> {
        out.writeByte(2);
        out.writeInt(version.version());
      }
      case GridAnswer.State state -> {
        out.writeByte(3);
        writeSnapshot(out, state.snapshot());
      }
      case GridAnswer.Different different -> {
        out.writeByte(9);
        writeSnapshot(out, different.snapshot());
        out.writeBoolean(different.movedPast());
      }
      case GridAnswer.NotClaimed notClaimed -> {
        out.writeByte(7);
        out.writeString(notClaimed.owner());
      }
      case GridAnswer.Refused() -> out.writeByte(8);
      case GridAnswer.Failed failed -> {
        out.writeByte(10);
        out.writeString(failed.reason());
      }
      case GridAnswer.Sequence sequence -> {
        out.writeByte(5);
        out.writeLong(sequence.sequence());
      }
      case GridAnswer.Written written -> {
        out.writeByte(4);
        out.writeBoolean(written.durableLater());
        out.writeLong(written.sequence());
        writeOutcome(out, written.outcome());
      }
    }
  }

  @Override
  public GridAnswer read(ObjectDataInput in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new GridAnswer.Done();
      case 1 -> new GridAnswer.NotLoaded();
      case 2 -> new GridAnswer.Version(in.readInt());
      case 3 -> new GridAnswer.State(readSnapshot(in));
      case 4 -> {
        boolean durableLater = in.readBoolean();
        long sequence = in.readLong();
        yield new GridAnswer.Written(readOutcome(in), durableLater, sequence);
      }
      case 5 -> new GridAnswer.Sequence(in.readLong());
      case 6 -> new GridAnswer.StorageFull();
      case 7 -> new GridAnswer.NotClaimed(GridSerialization.readText(in));
      case 8 -> new GridAnswer.Refused();
      case 10 -> new GridAnswer.Failed(GridSerialization.readText(in));
      case 9 -> new GridAnswer.Different(readSnapshot(in), in.readBoolean());
      default -> throw new IOException("unknown answer " + kind);
    };
  }

  private static void writeSnapshot(ObjectDataOutput out, RecordSnapshot snapshot)
      throws IOException {
    out.writeLong(snapshot.incarnation());
    out.writeInt(snapshot.version());
    out.writeString(snapshot.data().text());
  }

  private static RecordSnapshot readSnapshot(ObjectDataInput in) throws IOException {
    return new RecordSnapshot(
        in.readLong(), in.readInt(), new JsonText(GridSerialization.readText(in)));
  }

  private static void writeOutcome(ObjectDataOutput out, WriteOutcome outcome) throws IOException {
    switch (outcome) {
      case WriteOutcome.Applied applied -> {
        out.writeByte(0);
        out.writeLong(applied.incarnation());
        out.writeInt(applied.version());
      }
      case WriteOutcome.Conflict conflict -> {
        out.writeByte(1);
        out.writeLong(conflict.incarnation());
        out.writeInt(conflict.version());
        out.writeString(conflict.data().text());
        out.writeBoolean(conflict.gap());
      }
      case WriteOutcome.Missing() -> out.writeByte(2);
      case WriteOutcome.Invalid invalid -> {
        out.writeByte(3);
        out.writeString(invalid.reason());
      }
      case WriteOutcome.AlreadyApplied() -> out.writeByte(4);
      case WriteOutcome.TooEarly() -> out.writeByte(5);
      case WriteOutcome.Minority() -> out.writeByte(6);
      case WriteOutcome.Unknown() -> out.writeByte(7);
    }
  }

  private static WriteOutcome readOutcome(ObjectDataInput in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new WriteOutcome.Applied(in.readLong(), in.readInt());
      case 1 ->
          new WriteOutcome.Conflict(
              in.readLong(),
              in.readInt(),
              new JsonText(GridSerialization.readText(in)),
              in.readBoolean());
      case 2 -> new WriteOutcome.Missing();
      case 3 -> new WriteOutcome.Invalid(GridSerialization.readText(in));
      case 4 -> new WriteOutcome.AlreadyApplied();
      case 5 -> new WriteOutcome.TooEarly();
      case 6 -> new WriteOutcome.Minority();
      case 7 -> new WriteOutcome.Unknown();
      default -> throw new IOException("unknown outcome " + kind);
    };
  }
}
