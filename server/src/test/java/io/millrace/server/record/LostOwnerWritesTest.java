package io.millrace.server.record;

import static io.millrace.server.record.Cells.NAME;
import static io.millrace.server.record.Cells.holding;
import static io.millrace.server.record.Cells.hot;
import static io.millrace.server.record.Cells.paths;
import static io.millrace.server.record.Cells.set;
import static io.millrace.server.record.Cells.text;
import static io.millrace.server.record.Cells.tree;
import static io.millrace.server.record.Cells.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.record.RecordWrites.Decision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What writes do to a record whose owner was lost, perhaps with versions that some have seen. */
final class LostOwnerWritesTest {
  private static final int FLOOR = 4 + Ownership.GAP;
  private static final Writer WRITER = new Writer("node-1", 5);
  private final RecordWrites writes = new RecordWrites(1_000);
  private final RecordCell cell = holding(4, "{\"a\":1}");

  LostOwnerWritesTest() {
    cell.sign(Ownership.NONE.by("dead").afterLoss("node-2", 4, 1_000));
  }

  private Decision decide(RecordCommand command) {
    return writes.decide(NAME, cell, command, 100, WRITER);
  }

  private Decision again(RecordCommand command, long id) {
    return writes.decideAgain(NAME, cell, command, 100, id, WRITER);
  }

  @Test
  void theFirstLeavesOutWhatMayHaveBeenSeenAndGoesToAllAsAWhole() {
    Decision decision = decide(paths(5, set("b", "2")));
    assertThat(decision.outcome()).isEqualTo(new WriteOutcome.Applied(7, FLOOR + 1));
    assertThat(decision.change())
        .isEqualTo(
            new RecordChange(
                NAME,
                7,
                FLOOR + 1,
                new RecordChange.Whole(new JsonText("{\"a\":1,\"b\":2}")),
                false,
                null));
    assertThat(decide(paths(FLOOR + 2, set("c", "3"))).change())
        .extracting(RecordChange::writer, RecordChange::version)
        .containsExactly(WRITER, FLOOR + 2);
  }

  @Test
  void aWriterWhoHasSeenWhatWasLostIsToldWhatThereIs() {
    Decision decision = decide(paths(6, set("b", "2")));
    assertThat(decision.outcome())
        .isEqualTo(new WriteOutcome.Conflict(7, FLOOR + 1, new JsonText("{\"a\":1}"), false));
    assertThat(decision.change()).isNotNull();
    assertThat(cell.version()).isEqualTo(FLOOR + 1);
    assertThat(text(cell)).isEqualTo("{\"a\":1}");
  }

  @Test
  void anOldVersionIsAnOrdinaryConflict() {
    assertThat(decide(paths(4, set("b", "2"))).outcome())
        .isEqualTo(new WriteOutcome.Conflict(7, 4, new JsonText("{\"a\":1}"), false));
  }

  @Test
  void aRemovalIsLaterThanAllThatMayHaveBeenSeen() {
    FollowedRecord follower = new FollowedRecord(NAME);
    follower.reset(new RecordSnapshot(7, 9, new JsonText("{}")));
    RecordChange change = decide(new RecordCommand.Remove()).change();
    assertThat(change).isNotNull();
    if (change != null) {
      assertThat(follower.take(change)).isEqualTo(FollowedRecord.Step.TAKEN);
    }
  }

  @Test
  void aNewLifeIsLaterThanAnyThatTheLostOwnerMayHaveBegun() {
    decide(new RecordCommand.Remove());
    decide(upsert(1, "{}"));
    assertThat(cell.incarnation()).isEqualTo(1_001);
    assertThat(cell.version()).isEqualTo(1);
    decide(hot("{}"));
    assertThat(cell.incarnation()).isEqualTo(1_002);
  }

  @Test
  void anotherLossLeavesOutMore() {
    cell.sign(cell.ownership().afterLoss("node-3", 4, 2_000));
    assertThat(decide(paths(5, set("b", "2"))).outcome())
        .isEqualTo(new WriteOutcome.Applied(7, FLOOR + Ownership.GAP + 1));
  }

  @Test
  void aWriteThatIsRepeatedTakesPlaceOnce() {
    assertThat(again(paths(5, set("b", "2")), 11).outcome())
        .isEqualTo(new WriteOutcome.Applied(7, FLOOR + 1));
    cell.wrote(11, 11);
    assertThat(again(paths(5, set("b", "2")), 11).outcome())
        .isEqualTo(new WriteOutcome.Applied(7, FLOOR + 1));
    assertThat(cell.version()).isEqualTo(FLOOR + 1);
  }

  @Test
  void aWriteThatMayBeForgottenIsUnknownUnlessNobodyHasMadeItsVersion() {
    cell.restore(cell.ownership(), RecentWrites.forgotten(1_000));
    cell.at(2_000);
    assertThat(again(paths(-1, set("b", "2")), 11).outcome()).isEqualTo(new WriteOutcome.Unknown());
    assertThat(again(paths(5, set("b", "2")), 11).outcome())
        .isInstanceOf(WriteOutcome.Applied.class);
  }

  @Test
  void afterAWhileNothingThatWasForgottenIsRepeated() {
    cell.restore(cell.ownership(), RecentWrites.forgotten(1_000));
    cell.at(400_000_000);
    assertThat(again(paths(-1, set("b", "2")), 11).outcome())
        .isInstanceOf(WriteOutcome.Applied.class);
  }

  @Test
  void howeverManyFollowAWriteThatMayBeRepeatedIsRemembered() {
    cell.wrote(11, 11);
    for (int id = 12; id <= 400; id++) {
      cell.wrote(id, 11);
    }
    int version = cell.version();
    assertThat(again(paths(-1, set("b", "2")), 11).outcome())
        .isEqualTo(new WriteOutcome.Applied(7, version));
    assertThat(cell.version()).isEqualTo(version);
    assertThat(again(paths(-1, set("b", "2")), 500).outcome())
        .isInstanceOf(WriteOutcome.Applied.class);
    assertThat(cell.version()).isGreaterThan(version);
  }

  @Test
  void whatCanNoLongerBeRepeatedIsForgotten() {
    long other = 1L << 50;
    cell.wrote(other, other);
    for (int id = 11; id <= 2_000; id++) {
      cell.wrote(id, id - 2);
    }
    assertThat(cell.recentWrites().ids()).containsExactly(other, 1_998, 1_999, 2_000);
    assertThat(again(paths(-1, set("b", "2")), 2_001).outcome())
        .isInstanceOf(WriteOutcome.Applied.class);
  }

  /** P6. */
  @Test
  void whenTooManyMayBeRepeatedSomeAreForgottenAndThatIsRemembered() {
    cell.at(1_000);
    for (int id = 11; id <= 2_000; id++) {
      cell.wrote(id, 11);
    }
    assertThat(cell.recentWrites().ids()).hasSizeLessThan(1_000).endsWith(1_999, 2_000);
    assertThat(again(paths(-1, set("b", "2")), 11).outcome()).isEqualTo(new WriteOutcome.Unknown());
  }

  @Test
  void theRecordMovesPastWhatAFollowerHasSeen() {
    RecordChange change = cell.movePast(NAME, 7, 6);
    assertThat(change.version()).isEqualTo(FLOOR + 1);
    assertThat(change.resync()).isTrue();
    RecordChange life = cell.movePast(NAME, 2_000, FLOOR + 9);
    assertThat(life.incarnation()).isEqualTo(2_001);
    assertThat(life.version()).isEqualTo(FLOOR + 10);
  }

  @Test
  void twoPartsThatBothWroteBecomeOneThatIsNewerThanEither() {
    RecordCell one = new RecordCell(7, 5, tree("{\"a\":1}"), 3, Map.of(), List.of("x"));
    RecordCell other = new RecordCell(7, 6, tree("{\"b\":1}"), 9, Map.of(), List.of("y"));
    for (RecordCell merged :
        List.of(RecordCell.merged(one, other), RecordCell.merged(other, one))) {
      assertThat(merged.version()).isEqualTo(7);
      assertThat(text(merged)).isEqualTo("{\"b\":1}");
      assertThat(merged.interest()).containsExactlyInAnyOrder("x", "y");
    }
    RecordCell later = new RecordCell(8, 0, tree("{}"), 1, Map.of(), List.of());
    assertThat(RecordCell.merged(one, later).incarnation()).isEqualTo(8);
    assertThat(RecordCell.merged(one, one).version()).isEqualTo(5);
  }

  @Test
  void deltasOfThePartThatLostTakeEffectWhenTheyAreDeliveredAgain() {
    RecordCell winner =
        new RecordCell(7, 6, tree("{}"), 9, Map.of("t/0", 2L, "t/1", 1L), List.of());
    RecordCell loser = new RecordCell(7, 5, tree("{\"a\":1}"), 3, Map.of("t/0", 4L), List.of());
    for (RecordCell merged :
        List.of(RecordCell.merged(winner, loser), RecordCell.merged(loser, winner))) {
      assertThat(merged.positions()).isEqualTo(Map.of("t/0", 2L, "t/1", 1L));
    }
    RecordCell same = new RecordCell(7, 6, tree("{}"), 9, Map.of("t/0", 4L), List.of());
    assertThat(RecordCell.merged(winner, same).positions()).isEqualTo(Map.of("t/0", 4L, "t/1", 1L));
  }
}
