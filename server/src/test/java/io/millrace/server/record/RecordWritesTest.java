package io.millrace.server.record;

import static io.millrace.server.record.Cells.NAME;
import static io.millrace.server.record.Cells.delta;
import static io.millrace.server.record.Cells.erase;
import static io.millrace.server.record.Cells.holding;
import static io.millrace.server.record.Cells.hot;
import static io.millrace.server.record.Cells.missing;
import static io.millrace.server.record.Cells.object;
import static io.millrace.server.record.Cells.path;
import static io.millrace.server.record.Cells.paths;
import static io.millrace.server.record.Cells.replace;
import static io.millrace.server.record.Cells.set;
import static io.millrace.server.record.Cells.text;
import static io.millrace.server.record.Cells.tree;
import static io.millrace.server.record.Cells.upsert;
import static io.millrace.server.record.Cells.upsertPaths;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.record.Cells.Content;
import io.millrace.server.record.RecordWrites.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each command does to a cell (protocol §3.4), and what it leaves alone. */
final class RecordWritesTest {
  private static final Writer WRITER = new Writer("node-1", 5);
  private final RecordWrites writes = new RecordWrites(1_000);

  private Decision decide(RecordCell cell, RecordCommand command) {
    return writes.decide(NAME, cell, command, 100, WRITER);
  }

  private WriteOutcome outcome(RecordCell cell, RecordCommand command) {
    return decide(cell, command).outcome();
  }

  private RecordChange change(RecordCell cell, RecordCommand command) {
    return Objects.requireNonNull(decide(cell, command).change());
  }

  private void assertRefused(RecordCell cell, RecordCommand command, WriteOutcome expected) {
    Content before = Content.of(cell);
    Decision decision = decide(cell, command);
    assertThat(decision.outcome()).isEqualTo(expected);
    assertThat(decision.change()).isNull();
    assertThat(Content.of(cell)).isEqualTo(before);
  }

  private void assertInvalid(RecordCell cell, RecordCommand command) {
    Content before = Content.of(cell);
    Decision decision = decide(cell, command);
    assertThat(decision.outcome()).isInstanceOf(WriteOutcome.Invalid.class);
    assertThat(decision.change()).isNull();
    assertThat(Content.of(cell)).isEqualTo(before);
  }

  /** Each path makes ten thousand nulls: all of them together would not fit into the heap. */
  @Test
  void pathsThatBlowUpTheRecordAreCutOff() {
    RecordCell cell = holding(4, "{\"a\":1}");
    List<PathWrite> blowUp = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      blowUp.add(set("k" + i + "[9999]", "1"));
    }
    assertInvalid(cell, new RecordCommand.WritePaths(5, false, blowUp));
    assertThat(outcome(cell, paths(5, set("k[300]", "1"), erase("k"))))
        .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 5));
  }

  @Nested
  final class Versions {

    @ParameterizedTest
    @ValueSource(ints = {RecordCommand.ANY_VERSION, 5})
    void theNextVersionAndAnyVersionAreAccepted(int version) {
      RecordCell cell = holding(4, "{\"a\":1}");
      assertThat(outcome(cell, replace(version, "{\"b\":2}")))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 5));
      assertThat(cell.version()).isEqualTo(5);
      assertThat(text(cell)).isEqualTo("{\"b\":2}");

      RecordCell patched = holding(4, "{\"a\":1}");
      assertThat(outcome(patched, paths(version, set("b", "2"))))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 5));
      assertThat(text(patched)).isEqualTo("{\"a\":1,\"b\":2}");
    }

    @ParameterizedTest
    @CsvSource({"4, false", "3, false", "0, false", "-2, false", "6, true", "2147483647, true"})
    void anyOtherVersionIsAConflictThatCarriesTheCurrentState(int version, boolean gap) {
      WriteOutcome conflict = new WriteOutcome.Conflict(7, 4, new JsonText("{\"a\":1}"), gap);
      assertRefused(holding(4, "{\"a\":1}"), replace(version, "{}"), conflict);
      assertRefused(holding(4, "{\"a\":1}"), upsert(version, "{}"), conflict);
      assertRefused(holding(4, "{\"a\":1}"), paths(version, set("a", "2")), conflict);
    }

    @Test
    void aConflictCarriesTheStateOfThatMoment() {
      RecordCell cell = holding(1, "{\"a\":1}");
      WriteOutcome lost = outcome(cell, replace(1, "{}"));
      decide(cell, paths(2, set("a", "2")));
      assertThat(lost).isEqualTo(new WriteOutcome.Conflict(7, 1, new JsonText("{\"a\":1}"), false));
    }
  }

  @Nested
  final class MissingRecords {

    @Test
    void areNotCreatedWithoutUpsert() {
      assertRefused(missing(), replace(1, "{}"), new WriteOutcome.Missing());
      assertRefused(missing(), replace(-1, "{}"), new WriteOutcome.Missing());
      assertRefused(missing(), paths(1, set("a", "1")), new WriteOutcome.Missing());
      assertRefused(missing(), paths(1, erase("a")), new WriteOutcome.Missing());
    }

    @ParameterizedTest
    @ValueSource(ints = {RecordCommand.ANY_VERSION, 1})
    void countAsEmptyAtVersionZeroForAnUpsert(int version) {
      RecordCell cell = missing();
      RecordChange change = change(cell, upsert(version, "[1]"));
      assertThat(change)
          .isEqualTo(
              new RecordChange(
                  NAME, 100, 1, new RecordChange.Whole(new JsonText("[1]")), false, WRITER));
      assertThat(text(cell)).isEqualTo("[1]");
      assertThat(cell.version()).isEqualTo(1);
    }

    @Test
    void refuseAnUpsertOfAnotherVersion() {
      assertRefused(
          missing(),
          upsert(0, "{}"),
          new WriteOutcome.Conflict(0, 0, JsonText.EMPTY_OBJECT, false));
      assertRefused(
          missing(), upsert(2, "{}"), new WriteOutcome.Conflict(0, 0, JsonText.EMPTY_OBJECT, true));
    }

    /** A follower of a missing record has no tree to apply a path to. */
    @Test
    void arePublishedWholeWhenAPatchCreatesThem() {
      assertThat(change(missing(), upsertPaths(1, set("a.b", "1"))).body())
          .isEqualTo(new RecordChange.Whole(new JsonText("{\"a\":{\"b\":1}}")));
    }

    @Test
    void stayMissingWhenTheUpsertIsInvalid() {
      assertInvalid(missing(), upsertPaths(1, set("a", "[]"), set("a.b", "1")));
    }

    @Test
    void areCreatedEmptyAtVersionZero() {
      RecordCell cell = missing();
      RecordChange change = change(cell, new RecordCommand.Create());
      assertThat(change.version()).isZero();
      assertThat(change.body()).isEqualTo(new RecordChange.Whole(JsonText.EMPTY_OBJECT));
      assertThat(text(cell)).isEqualTo("{}");
      assertRefused(
          cell, new RecordCommand.Create(), new WriteOutcome.Applied(cell.incarnation(), 0));
    }
  }

  @Nested
  final class Patches {

    @Test
    void arePublishedAsWritten() {
      assertThat(
              change(holding(1, "{\"a\":1}"), paths(2, set("b.c", "{\"d\":2}"), erase("a"))).body())
          .isEqualTo(
              new RecordChange.Paths(
                  List.of(
                      new RecordChange.At("b.c", new JsonText("{\"d\":2}")),
                      new RecordChange.At("a", null))));
    }

    @Test
    void areAppliedInOrderWithOneVersion() {
      RecordCell cell = holding(1, "{\"a\":1}");
      decide(cell, paths(2, set("a", "2"), set("b", "3"), erase("a"), set("c", "4")));
      assertThat(text(cell)).isEqualTo("{\"b\":3,\"c\":4}");
      assertThat(cell.version()).isEqualTo(2);
    }

    @Test
    void takeNothingFromTheCellWhenOneInTheMiddleCannotBeApplied() {
      assertInvalid(
          holding(1, "{\"a\":{\"b\":[1,2]},\"z\":0}"),
          paths(
              2,
              set("new.deep", "1"),
              erase("z"),
              set("a.b[4]", "5"),
              set("a.b.name", "\"no member of an array\""),
              set("later", "1")));
    }

    @Test
    void takeNothingFromTheCellWhenTheyMakeItTooLarge() {
      assertInvalid(
          holding(1, "{\"a\":{\"b\":[1,2]},\"z\":0}"),
          paths(2, erase("a.b"), set("z", "\"" + "x".repeat(1_000) + "\"")));
    }

    @Test
    void mayGrowTheRecordUpToTheLimitAndNotBeyond() {
      // {"a":""} measures 8.
      String longest = "\"" + "x".repeat(992) + "\"";
      RecordCell cell = holding(1, "{}");
      assertThat(outcome(cell, paths(2, set("a", longest))))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 2));
      assertThat(cell.size()).isEqualTo(1_000);
      assertInvalid(cell, paths(3, set("b", "1")));
      assertThat(outcome(cell, paths(3, set("b", "1"), erase("a"))))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 3));
    }
  }

  @Nested
  final class Sizes {

    @Test
    void aWholeUpdateMayMeasureTheLimitAndNotMore() {
      RecordCell cell = holding(1, "{}");
      assertInvalid(cell, replace(2, "[\"" + "x".repeat(997) + "\"]"));
      assertInvalid(cell, hot("[\"" + "x".repeat(997) + "\"]"));
      assertThat(outcome(cell, replace(2, "[\"" + "x".repeat(996) + "\"]")))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 2));
    }

    /** Else the sizes of owner and backup differ once the record has moved, and then their say. */
    @Test
    void blanksAndEscapesOfTheClientAreNotCounted() {
      RecordCell cell = holding(1, "{}");
      decide(cell, replace(2, " { \"a\" : \"\\u0041\" , \"a\" : 1.50 } "));
      assertThat(cell.size()).isEqualTo(text(cell).length());
      decide(cell, paths(3, set("b", "[ 1 ]")));
      assertThat(cell.size()).isEqualTo(text(cell).length());
    }
  }

  @Nested
  final class Removal {

    @Test
    void forgetsDataAndInterestAndKeepsTheVersion() {
      RecordCell cell = holding(4, "{\"a\":1}");
      RecordChange change = change(cell, new RecordCommand.Remove());
      assertThat(change)
          .isEqualTo(new RecordChange(NAME, 7, 4, new RecordChange.Deleted(), false, WRITER));
      assertThat(cell.exists()).isFalse();
      assertThat(cell.interest()).isEmpty();
      assertThat(cell.size()).isZero();
      assertThat(cell.snapshot()).isEqualTo(RecordSnapshot.missing(7));
    }

    @Test
    void ofAMissingRecordSucceedsAndSaysNothing() {
      assertRefused(
          missing(),
          new RecordCommand.Remove(),
          new WriteOutcome.Applied(0, RecordSnapshot.MISSING));
      RecordCell removed = holding(4, "{}");
      decide(removed, new RecordCommand.Remove());
      assertRefused(removed, new RecordCommand.Remove(), new WriteOutcome.Applied(7, 4));
    }

    @Test
    void isFollowedByAHigherIncarnationAtVersionZero() {
      RecordCell cell = missing();
      decide(cell, new RecordCommand.Create());
      assertThat(cell.incarnation()).isEqualTo(100);
      decide(cell, new RecordCommand.Remove());
      decide(cell, new RecordCommand.Create());
      // Higher also when the clock has stood still, or gone back.
      assertThat(cell.incarnation()).isEqualTo(101);
      assertThat(cell.version()).isZero();
      writes.decide(NAME, cell, new RecordCommand.Remove(), 5_000, null);
      writes.decide(NAME, cell, upsert(1, "[]"), 5_000, null);
      assertThat(cell.incarnation()).isEqualTo(5_000);
      assertThat(cell.version()).isEqualTo(1);
    }
  }

  @Nested
  final class HotPaths {

    @Test
    void arePublishedWholeAtVersionZero() {
      RecordCell cell = missing();
      RecordChange change = change(cell, hot("{\"a\":1}"));
      assertThat(change.version()).isZero();
      assertThat(change.body()).isEqualTo(new RecordChange.Whole(new JsonText("{\"a\":1}")));
      assertThat(cell.version()).isZero();
      assertThat(text(cell)).isEqualTo("{\"a\":1}");
    }

    /** Storage keeps what is newer by (incarnation, version), and followers do, too. */
    @Test
    void areNewerThanWhatTheyReplace() {
      RecordCell cell = missing();
      decide(cell, upsert(1, "{\"a\":1}"));
      long before = cell.incarnation();
      decide(cell, hot("{\"a\":2}"));
      long first = cell.incarnation();
      decide(cell, hot("{\"a\":3}"));
      assertThat(first).isGreaterThan(before);
      assertThat(cell.incarnation()).isGreaterThan(first);
    }
  }

  @Nested
  final class Deltas {

    @Test
    void takeEffectOnceHoweverOftenTheyCome() {
      RecordCell cell = missing();
      DeltaOperation sold = new DeltaOperation.Patch(path("sold"), tree("[1]"));
      assertThat(outcome(cell, delta(10, sold)))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 1));
      assertRefused(cell, delta(10, sold), new WriteOutcome.AlreadyApplied());
      assertRefused(cell, delta(9, sold), new WriteOutcome.AlreadyApplied());
      assertThat(outcome(cell, delta(11, sold)))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 2));
      assertThat(cell.positions()).isEqualTo(Map.of("seats/0", 11L));
    }

    /** Else the earlier one, when it is repeated, would be taken for a replay and lost. */
    @Test
    void areRefusedBeforeTheOneTheyFollow() {
      RecordCell cell = missing();
      DeltaOperation merge = new DeltaOperation.Merge(object("{\"a\":1}"));
      LogPosition later = new LogPosition("seats/0", 11);
      assertRefused(
          cell, new RecordCommand.ApplyDelta(merge, later, 10), new WriteOutcome.TooEarly());
      decide(cell, delta(10, merge));
      assertThat(outcome(cell, new RecordCommand.ApplyDelta(merge, later, 10)))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 2));
    }

    @Test
    void ofAnotherPartitionAreCountedApart() {
      RecordCell cell = missing();
      DeltaOperation merge = new DeltaOperation.Merge(object("{\"a\":1}"));
      decide(cell, delta(10, merge));
      decide(cell, new RecordCommand.ApplyDelta(merge, new LogPosition("seats/1", 3), Delta.NONE));
      assertThat(cell.positions()).isEqualTo(Map.of("seats/0", 10L, "seats/1", 3L));
      assertThat(cell.version()).isEqualTo(2);
    }

    /** Else the replay, which comes to a record that has changed meanwhile, would change it. */
    @Test
    void thatChangeNothingAreRememberedToo() {
      RecordCell cell = holding(3, "{\"a\":1}");
      Decision nothing =
          decide(cell, delta(1, new DeltaOperation.Merge(object("{\"gone\":null}"))));
      assertThat(nothing.outcome()).isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 3));
      assertThat(nothing.change()).isNull();
      decide(cell, paths(4, set("gone", "1")));
      assertRefused(
          cell,
          delta(1, new DeltaOperation.Merge(object("{\"gone\":null}"))),
          new WriteOutcome.AlreadyApplied());
    }

    @Test
    void thatEraseFromAMissingRecordCreateNone() {
      RecordCell cell = missing();
      Decision decision = decide(cell, delta(1, new DeltaOperation.Erase(path("a"))));
      assertThat(decision.outcome())
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), RecordSnapshot.MISSING));
      assertThat(decision.change()).isNull();
      assertThat(cell.exists()).isFalse();
      assertThat(cell.positions()).containsEntry("seats/0", 1L);
    }

    @Test
    void doNotReviveADeletedRecordWhenTheyAreReplayed() {
      RecordCell cell = missing();
      DeltaOperation set = new DeltaOperation.Set(tree("{\"a\":1}"));
      decide(cell, delta(1, set));
      decide(cell, delta(2, new DeltaOperation.Delete()));
      assertRefused(cell, delta(1, set), new WriteOutcome.AlreadyApplied());
      assertRefused(cell, delta(2, new DeltaOperation.Delete()), new WriteOutcome.AlreadyApplied());
      assertThat(cell.exists()).isFalse();
      assertThat(outcome(cell, delta(3, set)))
          .isEqualTo(new WriteOutcome.Applied(cell.incarnation(), 1));
    }

    @Test
    void survivedByAClientsDeleteAreNotReplayedEither() {
      RecordCell cell = missing();
      decide(cell, delta(1, new DeltaOperation.Set(tree("{\"a\":1}"))));
      decide(cell, new RecordCommand.Remove());
      assertRefused(
          cell,
          delta(1, new DeltaOperation.Set(tree("{\"a\":1}"))),
          new WriteOutcome.AlreadyApplied());
    }

    @Test
    void thatCannotBeAppliedAreNotRemembered() {
      assertInvalid(
          holding(1, "{\"a\":[]}"), delta(1, new DeltaOperation.Patch(path("a.name"), tree("{}"))));
      assertInvalid(
          holding(1, "{}"),
          delta(1, new DeltaOperation.Set(tree("[\"" + "x".repeat(1_000) + "\"]"))));
    }

    @Test
    void applyWhateverTheVersionIs() {
      RecordCell cell = holding(41, "{\"a\":{\"b\":1,\"c\":2}}");
      decide(cell, delta(1, new DeltaOperation.MergeAt(path("a"), object("{\"b\":null}"))));
      assertThat(text(cell)).isEqualTo("{\"a\":{\"c\":2}}");
      assertThat(cell.version()).isEqualTo(42);
    }
  }
}
