package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ChangeBufferTest {
  private static final String NAME = "seats/1";

  private final ChangeBuffer buffer = new ChangeBuffer(10_000);

  @Test
  void changesAreKeptUntilTheyHaveBeenTold() {
    buffer.add(patch(4));
    buffer.add(patch(5));
    buffer.add(patch(6));

    assertThat(versions(state(5))).containsExactly(4, 5);
    assertThat(versions(state(5))).containsExactly(4, 5);
    buffer.told(state(5));
    assertThat(versions(state(6))).containsExactly(6);
    buffer.told(state(6));
    assertThat(buffer.records()).isZero();
    assertThat(buffer.weight()).isZero();
  }

  @Test
  void withoutNewsThereIsNothingToTell() {
    assertThat(versions(state(5))).isEmpty();
  }

  @Test
  void afterABreakTheStateIsToldAndThenChangesAgain() {
    buffer.add(patch(4));
    buffer.breakOff(NAME, 1, 4, false);
    buffer.add(patch(5));
    assertThat(buffer.upTo(state(4))).isNull();

    // 5 came meanwhile and was not kept.
    buffer.told(state(4));
    assertThat(buffer.upTo(state(5))).isNull();
    buffer.told(state(5));
    buffer.add(patch(6));
    assertThat(versions(state(6))).containsExactly(6);
  }

  @Test
  void aStateThatNoKnownChangeLedToIsToldItself() {
    buffer.add(patch(4));
    assertThat(buffer.upTo(state(7))).isNull();
  }

  @Test
  void afterAFailureTheStateIsTold() {
    buffer.add(patch(4));
    buffer.failed(state(4));
    assertThat(buffer.upTo(state(4))).isNull();
  }

  @Test
  void aRemovalComesAfterTheVersionThatItRemoves() {
    buffer.add(patch(4));
    buffer.breakOff(NAME, 1, 4, false);
    buffer.add(change(4, new RecordChange.Deleted()));

    buffer.told(state(4));
    assertThat(buffer.upTo(removed(4))).isNull();
    buffer.told(removed(4));
    assertThat(buffer.records()).isZero();
  }

  @Test
  void tooManyChangesBecomeAState() {
    JsonText big = new JsonText("\"" + "x".repeat(3_000) + "\"");
    buffer.add(change(4, new RecordChange.Whole(big)));
    assertThat(buffer.weight()).isGreaterThan(6_000);
    buffer.add(change(5, new RecordChange.Whole(big)));

    assertThat(buffer.weight()).isZero();
    assertThat(buffer.upTo(state(5))).isNull();
  }

  private List<Integer> versions(StoredRecord state) {
    List<RecordChange> changes = buffer.upTo(state);
    assertThat(changes).isNotNull();
    return changes == null ? List.of() : changes.stream().map(RecordChange::version).toList();
  }

  private static StoredRecord state(int version) {
    return record(version, JsonText.EMPTY_OBJECT);
  }

  private static StoredRecord removed(int version) {
    return record(version, null);
  }

  private static StoredRecord record(int version, @Nullable JsonText data) {
    return new StoredRecord(new RecordName(NAME), 1, version, data, Map.of());
  }

  private static RecordChange patch(int version) {
    return change(
        version,
        new RecordChange.Paths(List.of(new RecordChange.At("a", new JsonText("" + version)))));
  }

  private static RecordChange change(int version, RecordChange.Body body) {
    return new RecordChange(new RecordName(NAME), 1, version, body, false, null);
  }
}
