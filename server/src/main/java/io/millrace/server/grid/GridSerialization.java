package io.millrace.server.grid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.config.SerializationConfig;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.LogPosition;
import io.millrace.server.record.Ownership;
import io.millrace.server.record.PathWrite;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.tracing.TraceContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How processors, commands and cells travel between members. JSON travels as text. */
final class GridSerialization {
  static final int FACTORY_ID = 6020;

  /** The kind of operation that is followed by others. */
  private static final int SEQUENCE = 7;

  private GridSerialization() {}

  static void register(SerializationConfig config) {
    config.addDataSerializableFactory(FACTORY_ID, GridSerialization::newProcessor);
    config.addSerializerConfig(
        new SerializerConfig()
            .setTypeClass(RecordCell.class)
            .setImplementation(new CellSerializer()));
    config.addSerializerConfig(
        new SerializerConfig()
            .setTypeClass(GridAnswer.class)
            .setImplementation(new AnswerSerializer()));
  }

  private static IdentifiedDataSerializable newProcessor(int classId) {
    return switch (classId) {
      case WriteProcessor.CLASS_ID -> new WriteProcessor();
      case FollowProcessor.CLASS_ID -> new FollowProcessor();
      case UnfollowProcessor.CLASS_ID -> new UnfollowProcessor();
      case ReadProcessor.CLASS_ID -> new ReadProcessor(false);
      case InstallProcessor.CLASS_ID -> new InstallProcessor();
      case CaptureProcessor.CLASS_ID -> new CaptureProcessor();
      case ForgetProcessor.CLASS_ID -> new ForgetProcessor();
      case FlushProcessor.CLASS_ID -> new FlushProcessor();
      case ReplaceProcessor.CLASS_ID -> new ReplaceProcessor();
      case ClaimProcessor.CLASS_ID -> new ClaimProcessor();
      case CompareProcessor.CLASS_ID -> new CompareProcessor();
      case ConfirmProcessor.CLASS_ID -> new ConfirmProcessor();
      case EvictProcessor.CLASS_ID -> new EvictProcessor();
      case WarmProcessor.CLASS_ID -> new WarmProcessor();
      case ScanProcessor.CLASS_ID -> new ScanProcessor();
      case BatchOperation.CLASS_ID -> new BatchOperation();
      case BatchOperation.Backup.CLASS_ID -> new BatchOperation.Backup();
      case BatchOperation.Answers.CLASS_ID -> new BatchOperation.Answers();
      default -> throw new IllegalArgumentException("unknown processor " + classId);
    };
  }

  /** The same with trees of its own: a record adopts those of a command. */
  static RecordCommand copy(RecordCommand command) {
    return switch (command) {
      case RecordCommand.Create create -> create;
      case RecordCommand.Replace replace ->
          new RecordCommand.Replace(
              replace.expected(), replace.upsert(), replace.data().deepCopy(), replace.text());
      case RecordCommand.WritePaths paths ->
          new RecordCommand.WritePaths(
              paths.expected(),
              paths.upsert(),
              paths.writes().stream().map(GridSerialization::copy).toList());
      case RecordCommand.ReplaceHot hot ->
          new RecordCommand.ReplaceHot(hot.data().deepCopy(), hot.text());
      case RecordCommand.Remove remove -> remove;
      case RecordCommand.ApplyDelta delta ->
          new RecordCommand.ApplyDelta(copy(delta.operation()), delta.position(), delta.after());
    };
  }

  private static PathWrite copy(PathWrite write) {
    JsonNode value = write.value();
    return new PathWrite(write.path(), value == null ? null : value.deepCopy(), write.text());
  }

  private static DeltaOperation copy(DeltaOperation operation) {
    return switch (operation) {
      case DeltaOperation.Set set -> new DeltaOperation.Set(set.data().deepCopy());
      case DeltaOperation.Patch patch ->
          new DeltaOperation.Patch(patch.path(), patch.value().deepCopy());
      case DeltaOperation.Merge merge -> new DeltaOperation.Merge(merge.patch().deepCopy());
      case DeltaOperation.MergeAt merge ->
          new DeltaOperation.MergeAt(merge.path(), merge.patch().deepCopy());
      case DeltaOperation.Erase erase -> erase;
      case DeltaOperation.Delete delete -> delete;
      case DeltaOperation.JsonPatch patch ->
          new DeltaOperation.JsonPatch(patch.operations().deepCopy());
      case DeltaOperation.Sequence sequence ->
          new DeltaOperation.Sequence(
              sequence.operations().stream().map(GridSerialization::copy).toList());
    };
  }

  static void writeCommand(ObjectDataOutput out, RecordCommand command) throws IOException {
    switch (command) {
      case RecordCommand.Create() -> out.writeByte(0);
      case RecordCommand.Replace replace -> {
        out.writeByte(1);
        out.writeInt(replace.expected());
        out.writeBoolean(replace.upsert());
        out.writeString(replace.text().text());
      }
      case RecordCommand.WritePaths paths -> {
        out.writeByte(2);
        out.writeInt(paths.expected());
        out.writeBoolean(paths.upsert());
        out.writeInt(paths.writes().size());
        for (PathWrite write : paths.writes()) {
          JsonText text = write.text();
          out.writeString(write.path().text());
          out.writeString(text == null ? null : text.text());
        }
      }
      case RecordCommand.ReplaceHot hot -> {
        out.writeByte(3);
        out.writeString(hot.text().text());
      }
      case RecordCommand.Remove() -> out.writeByte(4);
      case RecordCommand.ApplyDelta delta -> {
        out.writeByte(5);
        out.writeString(delta.position().partition());
        out.writeLong(delta.position().offset());
        out.writeLong(delta.after());
        writeOperation(out, delta.operation());
      }
    }
  }

  static RecordCommand readCommand(ObjectDataInput in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new RecordCommand.Create();
      case 1 -> {
        int expected = in.readInt();
        boolean upsert = in.readBoolean();
        String text = readText(in);
        yield new RecordCommand.Replace(expected, upsert, tree(text), new JsonText(text));
      }
      case 2 -> {
        int expected = in.readInt();
        boolean upsert = in.readBoolean();
        int count = in.readInt();
        List<PathWrite> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          JsonPath path = path(readText(in));
          String text = in.readString();
          writes.add(
              text == null
                  ? new PathWrite(path, null, null)
                  : new PathWrite(path, value(text), new JsonText(text)));
        }
        yield new RecordCommand.WritePaths(expected, upsert, writes);
      }
      case 3 -> {
        String text = readText(in);
        yield new RecordCommand.ReplaceHot(tree(text), new JsonText(text));
      }
      case 4 -> new RecordCommand.Remove();
      case 5 -> {
        LogPosition position = new LogPosition(readText(in), in.readLong());
        long after = in.readLong();
        yield new RecordCommand.ApplyDelta(readOperation(in), position, after);
      }
      default -> throw new IOException("unknown command " + kind);
    };
  }

  private static void writeOperation(ObjectDataOutput out, DeltaOperation operation)
      throws IOException {
    switch (operation) {
      case DeltaOperation.Set set -> writeOperation(out, 0, null, set.data());
      case DeltaOperation.Patch patch -> writeOperation(out, 1, patch.path(), patch.value());
      case DeltaOperation.Merge merge -> writeOperation(out, 2, null, merge.patch());
      case DeltaOperation.MergeAt merge -> writeOperation(out, 3, merge.path(), merge.patch());
      case DeltaOperation.Erase erase -> writeOperation(out, 4, erase.path(), null);
      case DeltaOperation.Delete() -> writeOperation(out, 5, null, null);
      case DeltaOperation.JsonPatch patch -> writeOperation(out, 6, null, patch.operations());
      case DeltaOperation.Sequence sequence -> {
        out.writeByte(SEQUENCE);
        out.writeInt(sequence.operations().size());
        for (DeltaOperation each : sequence.operations()) {
          writeOperation(out, each);
        }
      }
    }
  }

  private static void writeOperation(
      ObjectDataOutput out, int kind, @Nullable JsonPath path, @Nullable JsonNode value)
      throws IOException {
    out.writeByte(kind);
    out.writeString(path == null ? null : path.text());
    out.writeString(value == null ? null : Json.text(value).text());
  }

  private static DeltaOperation readOperation(ObjectDataInput in) throws IOException {
    int kind = in.readByte();
    if (kind == SEQUENCE) {
      int count = in.readInt();
      List<DeltaOperation> operations = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        operations.add(readOperation(in));
      }
      return new DeltaOperation.Sequence(operations);
    }
    String path = in.readString();
    String value = in.readString();
    return switch (kind) {
      case 0 -> new DeltaOperation.Set(tree(required(value)));
      case 1 -> new DeltaOperation.Patch(path(required(path)), value(required(value)));
      case 2 -> new DeltaOperation.Merge(object(required(value)));
      case 3 -> new DeltaOperation.MergeAt(path(required(path)), object(required(value)));
      case 4 -> new DeltaOperation.Erase(path(required(path)));
      case 5 -> new DeltaOperation.Delete();
      case 6 -> new DeltaOperation.JsonPatch(array(required(value)));
      default -> throw new IOException("unknown operation " + kind);
    };
  }

  static void writeTicket(ObjectDataOutput out, AckTicket ticket) throws IOException {
    out.writeString(ticket.node());
    out.writeLong(ticket.id());
    out.writeBoolean(ticket.urgent());
  }

  static AckTicket readTicket(ObjectDataInput in) throws IOException {
    return new AckTicket(readText(in), in.readLong(), in.readBoolean());
  }

  static void writeTrace(ObjectDataOutput out, @Nullable TraceContext trace) throws IOException {
    out.writeBoolean(trace != null);
    if (trace != null) {
      out.writeLong(trace.traceHigh());
      out.writeLong(trace.traceLow());
      out.writeLong(trace.spanId());
      out.writeByte(trace.flags());
      out.writeString(trace.state());
    }
  }

  static @Nullable TraceContext readTrace(ObjectDataInput in) throws IOException {
    return in.readBoolean()
        ? new TraceContext(
            in.readLong(), in.readLong(), in.readLong(), in.readByte(), in.readString())
        : null;
  }

  static void writeStored(ObjectDataOutput out, @Nullable StoredRecord stored) throws IOException {
    out.writeBoolean(stored != null);
    if (stored != null) {
      JsonText data = stored.data();
      out.writeString(stored.name().value());
      out.writeLong(stored.incarnation());
      out.writeInt(stored.version());
      out.writeString(data == null ? null : data.text());
      writePositions(out, stored.positions());
    }
  }

  static @Nullable StoredRecord readStored(ObjectDataInput in) throws IOException {
    if (!in.readBoolean()) {
      return null;
    }
    RecordName name = new RecordName(readText(in));
    long incarnation = in.readLong();
    int version = in.readInt();
    String data = in.readString();
    return new StoredRecord(
        name, incarnation, version, data == null ? null : new JsonText(data), readPositions(in));
  }

  static void writeOwnership(ObjectDataOutput out, Ownership ownership) throws IOException {
    out.writeString(ownership.owner());
    out.writeInt(ownership.floor());
    out.writeLong(ownership.lifeFloor());
  }

  static Ownership readOwnership(ObjectDataInput in) throws IOException {
    return new Ownership(in.readString(), in.readInt(), in.readLong());
  }

  static void writePositions(ObjectDataOutput out, Map<String, Long> positions) throws IOException {
    out.writeInt(positions.size());
    for (Map.Entry<String, Long> each : positions.entrySet()) {
      out.writeString(each.getKey());
      out.writeLong(each.getValue());
    }
  }

  static Map<String, Long> readPositions(ObjectDataInput in) throws IOException {
    Map<String, Long> positions = new TreeMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      positions.put(readText(in), in.readLong());
    }
    return positions;
  }

  static String readText(ObjectDataInput in) throws IOException {
    return required(in.readString());
  }

  static ContainerNode<?> tree(String text) throws IOException {
    if (value(text) instanceof ContainerNode<?> tree) {
      return tree;
    }
    throw new IOException("not a JSON object or array");
  }

  private static ObjectNode object(String text) throws IOException {
    if (value(text) instanceof ObjectNode object) {
      return object;
    }
    throw new IOException("not a JSON object");
  }

  private static ArrayNode array(String text) throws IOException {
    if (value(text) instanceof ArrayNode array) {
      return array;
    }
    throw new IOException("not a JSON array");
  }

  private static JsonNode value(String text) throws IOException {
    return Json.parse(text).orElseThrow(() -> new IOException("not JSON"));
  }

  private static JsonPath path(String text) throws IOException {
    return JsonPath.parse(text).orElseThrow(() -> new IOException("not a path"));
  }

  private static String required(@Nullable String text) throws IOException {
    if (text == null) {
      throw new IOException("a text is missing");
    }
    return text;
  }
}
