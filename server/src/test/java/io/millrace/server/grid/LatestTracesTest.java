package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.tracing.TraceContext;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LatestTracesTest {
  private final LatestTraces traces = new LatestTraces();

  private static TraceContext trace(long id) {
    return new TraceContext(id, id, id, (byte) 1, null);
  }

  private static RecordChange change(String name, int version) {
    return new RecordChange(
        new RecordName(name), 7, version, new RecordChange.Whole(new JsonText("{}")), false, null);
  }

  private static StoredRecord state(String name, int version) {
    return new StoredRecord(new RecordName(name), 7, version, new JsonText("{}"), Map.of());
  }

  @Test
  void theLastChangeIsWhatAStateIsTracedBy() {
    traces.changed(change("a", 1).tracedBy(trace(1)));
    traces.changed(change("a", 2).tracedBy(trace(2)));

    assertThat(traces.take(state("a", 2))).isEqualTo(trace(2));
    assertThat(traces.take(state("a", 2))).as("the second time").isNull();
  }

  @Test
  void aStateFromBeforeTheChangeIsNotTracedByIt() {
    traces.changed(change("a", 2).tracedBy(trace(2)));

    assertThat(traces.take(state("a", 1))).isNull();
    assertThat(traces.take(state("a", 3))).isEqualTo(trace(2));
  }

  @Test
  void aLaterChangeThatNobodyTracesEndsIt() {
    traces.changed(change("a", 1).tracedBy(trace(1)));
    traces.changed(change("a", 2));

    assertThat(traces.take(state("a", 2))).isNull();
  }

  @Test
  void moreRecordsThanCanBeKeptAreLeftOut() {
    for (int i = 0; i <= LatestTraces.MAX; i++) {
      traces.changed(change("r" + i, 1).tracedBy(trace(1 + i)));
    }

    assertThat(traces.take(state("r" + LatestTraces.MAX, 1))).isNull();
    assertThat(traces.take(state("r0", 1))).isEqualTo(trace(1));
    traces.changed(change("late", 1).tracedBy(trace(5)));
    assertThat(traces.take(state("late", 1))).isEqualTo(trace(5));
  }
}
