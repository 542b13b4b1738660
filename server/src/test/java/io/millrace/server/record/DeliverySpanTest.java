package io.millrace.server.record;

import static io.millrace.protocol.RecordAction.SUBSCRIBECREATEANDREAD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordRig.Client;
import io.millrace.server.tracing.NotedTracing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of a change that is traced, when all loops have had it. */
final class DeliverySpanTest {
  private final RecordRig rig = new RecordRig();
  private final RecordName name = rig.nameAt(0, "a");
  private final Client near = rig.client(0);
  private final Client far = rig.client(1);

  private void subscribed() {
    near.bulk(SUBSCRIBECREATEANDREAD, name);
    far.bulk(SUBSCRIBECREATEANDREAD, name);
    rig.settle();
  }

  private void change(RecordCommand command) {
    rig.grid.elsewhereTrace = NotedTracing.SAMPLED;
    assertThat(rig.writeElsewhere(name, command)).isInstanceOf(WriteOutcome.Applied.class);
  }

  private static RecordCommand patch(String... paths) {
    return new RecordCommand.WritePaths(
        RecordCommand.ANY_VERSION,
        true,
        List.of(paths).stream()
            .map(
                path ->
                    PathWrite.of(
                        JsonPath.parse(path).orElseThrow(), JsonNodeFactory.instance.nullNode()))
            .toList());
  }

  @Test
  void everyKindOfChangeSaysHowManyItWasHandedTo() {
    subscribed();

    change(patch("x"));
    change(patch("x", "y"));
    change(new RecordCommand.Remove());
    rig.settle();

    String record = name.value();
    assertThat(rig.tracing.notes())
        .containsExactly(
            record + " 1 to 2, conflated 0",
            record + " 2 to 2, conflated 0",
            record + " 2 to 2, conflated 0");
  }

  @Test
  void aSlowReaderIsCountedByEachChangeThatItMissesAndItsStateIsNone() {
    subscribed();
    far.setWritable(false);
    change(patch("x"));
    change(patch("y"));
    rig.settle();
    far.setWritable(true);
    rig.settle();

    assertThat(rig.tracing.notes())
        .containsExactly(
            name.value() + " 1 to 1, conflated 1", name.value() + " 2 to 1, conflated 1");
  }

  @Test
  void whatNobodyRecordsHasNoSpan() {
    subscribed();
    rig.writeElsewhere(name, patch("x"));
    rig.grid.elsewhereTrace = NotedTracing.UNSAMPLED;
    rig.writeElsewhere(name, patch("y"));
    rig.tracing.turnOff();
    change(patch("z"));
    rig.settle();

    assertThat(rig.tracing.notes()).isEmpty();
  }
}
