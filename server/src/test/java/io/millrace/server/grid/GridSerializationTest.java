package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.config.SerializationConfig;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
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
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.record.Writer;
import io.millrace.server.tracing.TraceContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever travels between members arrives as it left. Hazelcast itself does the writing. */
final class GridSerializationTest {
  private static final TraceContext TRACE =
      new TraceContext(Long.MIN_VALUE, 2, -3, (byte) -1, "a=1,b=2");
  private static final TraceContext NO_STATE = new TraceContext(1, 2, 3, (byte) 0, null);

  private static final String ODD =
      "{\"ü\\n\":[1.50,0.5,12345678901234567890,1e2,null,true,\"\\ud83c\\udfab\",{}],\"\":{}}";

  private final InternalSerializationService service = service();

  private static InternalSerializationService service() {
    SerializationConfig config = new SerializationConfig();
    GridSerialization.register(config);
    return new DefaultSerializationServiceBuilder().setConfig(config).build();
  }

  @AfterEach
  void dispose() {
    service.dispose();
  }

  private <T> T roundTrip(T value) {
    byte[] bytes = service.toBytes(value);
    T back = service.toObject(service.toData(value));
    assertThat(service.toBytes(back)).isEqualTo(bytes);
    return back;
  }

  private static ContainerNode<?> tree(String json) {
    return (ContainerNode<?>) value(json);
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) value(json);
  }

  private static JsonNode value(String json) {
    return Json.parse(json).orElseThrow();
  }

  private static JsonPath path(String text) {
    return JsonPath.parse(text).orElseThrow();
  }

  static Stream<RecordCommand> commands() {
    List<RecordCommand> all = new ArrayList<>();
    all.add(new RecordCommand.Create());
    all.add(new RecordCommand.Replace(-1, true, tree(ODD), new JsonText(ODD)));
    all.add(new RecordCommand.Replace(7, false, tree("[]"), new JsonText(" [ ] ")));
    all.add(
        new RecordCommand.WritePaths(
            3,
            false,
            List.of(
                new PathWrite(path("a.b[2]"), value("null"), new JsonText("null")),
                new PathWrite(path(" odd ]1"), null, null),
                new PathWrite(path("x"), value(ODD), new JsonText(ODD)))));
    all.add(new RecordCommand.ReplaceHot(tree(ODD), new JsonText(ODD)));
    all.add(new RecordCommand.Remove());
    for (DeltaOperation operation :
        List.of(
            new DeltaOperation.Set(tree(ODD)),
            new DeltaOperation.Patch(path("a[0]"), value("null")),
            new DeltaOperation.Merge(object(ODD)),
            new DeltaOperation.MergeAt(path("a.b"), object("{\"x\":null}")),
            new DeltaOperation.Erase(path("a.b")),
            new DeltaOperation.Delete(),
            new DeltaOperation.JsonPatch(
                (ArrayNode) value("[{\"op\":\"remove\",\"path\":\"/a\"}]")),
            new DeltaOperation.Sequence(
                List.of(
                    new DeltaOperation.Patch(path("a[0]"), value("null")),
                    new DeltaOperation.Delete(),
                    new DeltaOperation.Merge(object(ODD)))))) {
      all.add(
          new RecordCommand.ApplyDelta(
              operation, new LogPosition("seats/11", Long.MAX_VALUE - 1), 41));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void commandsArriveAsTheyLeft(RecordCommand command) throws IOException {
    var out = service.createObjectDataOutput();
    GridSerialization.writeCommand(out, command);
    var in = service.createObjectDataInput(out.toByteArray());
    assertThat(GridSerialization.readCommand(in)).isEqualTo(command);
    assertThat(in.position()).as("all of it is read").isEqualTo(out.toByteArray().length);
  }

  @Test
  void everyKindOfCommandAndOperationIsTried() {
    assertThat(commands().map(Object::getClass).distinct())
        .hasSize(RecordCommand.class.getPermittedSubclasses().length);
    assertThat(
            commands()
                .filter(RecordCommand.ApplyDelta.class::isInstance)
                .map(command -> ((RecordCommand.ApplyDelta) command).operation().getClass()))
        .hasSize(DeltaOperation.class.getPermittedSubclasses().length);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void writesArriveWithAllThatBelongsToThem(RecordCommand command) {
    for (Writer writer : new Writer[] {null, new Writer("node-1", 42)}) {
      for (AckTicket ticket : new AckTicket[] {null, new AckTicket("node-2", 43, true)}) {
        for (TraceContext trace : new TraceContext[] {null, TRACE, NO_STATE}) {
          WriteProcessor processor =
              new WriteProcessor(command, 99, writer, ticket, 7, 6).tracedBy(trace);
          assertThat(roundTrip(processor))
              .usingRecursiveComparison()
              .comparingOnlyFields("trace", "writer", "ticket", "writeId", "openId")
              .isEqualTo(processor);
        }
      }
    }
  }

  /** Nobody needs to know on a backup, and it would be recorded twice. */
  @Test
  void theTraceOfAWriteStaysWithTheOwner() {
    WriteProcessor processor =
        new WriteProcessor(new RecordCommand.Create(), 5, null, null, 8, 8).tracedBy(TRACE);

    assertThat(processor.copy()).hasFieldOrPropertyWithValue("trace", null);
  }

  static Stream<CellProcessor> processors() {
    return Stream.of(
        new WriteProcessor(new RecordCommand.Create(), 5, null, null, 8, 8),
        new FollowProcessor("node-1", true, 7),
        new UnfollowProcessor("node-1"),
        new ReadProcessor(true),
        new ReadProcessor(false),
        new InstallProcessor(null),
        new InstallProcessor(
            new StoredRecord(
                new RecordName("a"), 5, 6, new JsonText(ODD), Map.of("t/0", 1L, "t/1", 2L))),
        new InstallProcessor(new StoredRecord(new RecordName("a"), 5, 6, null, Map.of())),
        new CaptureProcessor(),
        new CaptureProcessor(
            "storage", List.of(new OpenWait(5, new AckTicket("node-1", 6, true), 0)), null),
        new ConfirmProcessor(new AckTicket("node-1", 6, true), 7),
        new EvictProcessor(8),
        new ReplaceProcessor(
            new StoredRecord(new RecordName("a"), 5, 6, new JsonText(ODD), Map.of()), 8, 9),
        new FlushProcessor(new AckTicket("node-1", 6, false)),
        new ClaimProcessor(new Ownership("node-1", 5, 6)),
        new CompareProcessor("node-1", 5, 6),
        new ForgetProcessor(77));
  }

  @ParameterizedTest
  @MethodSource("processors")
  void processorsArriveAsWhatTheyAre(CellProcessor processor) {
    CellProcessor back = roundTrip(processor);
    assertThat(back).hasSameClassAs(processor);
    assertThat(back.isBackup()).isFalse();
    assertThat(back)
        .usingRecursiveComparison()
        .ignoringFields("waits.sinceNs", "isShared", "isHere")
        .isEqualTo(processor);
  }

  @ParameterizedTest
  @MethodSource("processors")
  void backupsKnowThatTheyAreBackups(CellProcessor processor) {
    if (processor.getBackupProcessor() instanceof CellProcessor backup) {
      assertThat(roundTrip(backup).isBackup()).isTrue();
    } else {
      assertThat(processor.isReadOnly()).isTrue();
    }
  }

  static Stream<GridAnswer> answers() {
    return Stream.of(
        new GridAnswer.Done(),
        new GridAnswer.NotLoaded(),
        new GridAnswer.StorageFull(),
        new GridAnswer.Version(-1),
        new GridAnswer.Sequence(12),
        new GridAnswer.State(RecordSnapshot.missing(4)),
        new GridAnswer.State(new RecordSnapshot(5, 6, new JsonText(ODD))),
        new GridAnswer.Written(new WriteOutcome.Applied(9, 3), true, 17),
        new GridAnswer.Written(new WriteOutcome.Applied(0, -1), false, 17),
        new GridAnswer.Written(new WriteOutcome.Missing(), false, 17),
        new GridAnswer.Written(new WriteOutcome.Minority(), false, 17),
        new GridAnswer.Written(new WriteOutcome.Unknown(), false, 17),
        new GridAnswer.Different(new RecordSnapshot(5, 6, new JsonText(ODD)), true),
        new GridAnswer.NotClaimed("node-1"),
        new GridAnswer.Refused(),
        new GridAnswer.Written(new WriteOutcome.TooEarly(), false, 17),
        new GridAnswer.Written(new WriteOutcome.Invalid("why"), false, 17),
        new GridAnswer.Written(new WriteOutcome.AlreadyApplied(), true, 17),
        new GridAnswer.Written(
            new WriteOutcome.Conflict(8, 9, new JsonText(ODD), true), false, 17));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answersArriveAsTheyLeft(GridAnswer answer) {
    assertThat(roundTrip(answer)).isEqualTo(answer);
  }

  static Stream<RecordCell> cells() {
    return Stream.of(
        new RecordCell(),
        new RecordCell(5, 6, tree(ODD), 7, Map.of("t/0", 1L), List.of("node-1", "node-2")),
        new RecordCell(5, 6, null, 7, Map.of("t/0", 1L, "t/1", 2L), List.of()),
        signed(),
        new RecordCell(5, 6, tree("{}"), 70, 60, Map.of(), List.of()),
        new RecordCell(5, 0, tree("[]"), 0, Map.of(), List.of("node-1")));
  }

  private static RecordCell signed() {
    RecordCell cell = new RecordCell(5, 6, tree("[]"), 0, Map.of(), List.of());
    cell.sign(new Ownership("node-1", 7, 8));
    cell.wrote(12, 12);
    cell.wrote(-13, -13);
    return cell;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void cellsArriveAsTheyLeft(RecordCell cell) {
    RecordCell back = roundTrip(cell);
    assertThat(back.incarnation()).isEqualTo(cell.incarnation());
    assertThat(back.version()).isEqualTo(cell.version());
    assertThat(text(back)).isEqualTo(text(cell));
    assertThat(back.size()).isEqualTo(cell.size());
    assertThat(back.sequence()).isEqualTo(cell.sequence());
    assertThat(back.since()).isEqualTo(cell.since());
    assertThat(back.positions()).isEqualTo(cell.positions());
    assertThat(back.interest()).isEqualTo(cell.interest());
    assertThat(back.ownership()).isEqualTo(cell.ownership());
    assertThat(back.recentWrites()).isEqualTo(cell.recentWrites());
  }

  private static @Nullable String text(RecordCell cell) {
    var data = cell.data();
    return data == null ? null : Json.text(data).text();
  }
}
