package io.millrace.server.record;

import static io.millrace.server.record.Cells.NAME;
import static io.millrace.server.record.FollowedRecord.Step.OLD;
import static io.millrace.server.record.FollowedRecord.Step.TAKEN;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.record.Cells.Content;
import io.millrace.server.record.RecordWrites.Decision;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commands on a cell, beside a model that copies whole documents, a second cell that is
 * given the same commands as a backup is, and a follower that is told of the changes (P1, P2).
 */
final class RecordWritesRandomTest {
  private static final int LIVES = 150;
  private static final int COMMANDS = 80;
  private static final int MAX_SIZE = 300;

  private enum Kind {
    APPLIED,
    CONFLICT,
    MISSING,
    INVALID,
    ALREADY_APPLIED
  }

  /** How often each outcome was seen: a generator that never gets there proves nothing. */
  private static final Map<Kind, Integer> SEEN = new EnumMap<>(Kind.class);

  private final RecordWrites writes = new RecordWrites(MAX_SIZE);

  @AfterAll
  static void everyOutcomeWasSeenOften() {
    for (Kind kind : Kind.values()) {
      assertThat(SEEN.getOrDefault(kind, 0)).as(kind.name()).isGreaterThan(500);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void ownerBackupFollowerAndModelStayEqual(long seed) {
    Random random = new Random(seed);
    for (int life = 0; life < LIVES; life++) {
      live(random, "seed " + seed + ", life " + life);
    }
  }

  private void live(Random random, String where) {
    RecordCell owner = new RecordCell();
    RecordCell backup = new RecordCell();
    FollowedRecord follower = new FollowedRecord(NAME);
    NaiveRecord model = new NaiveRecord(MAX_SIZE);
    List<RecordChange> published = new ArrayList<>();
    long clock = 1;
    for (int i = 0; i < COMMANDS; i++) {
      clock += random.nextInt(3);
      long seed = random.nextLong();
      Content before = Content.of(owner);
      String step = where + ", command " + i + ": " + command(seed, before);

      // Trees are handed over, so each side builds its own, as it does behind a wire.
      Decision decision = writes.decide(NAME, owner, command(seed, before), clock, null);
      Decision copied = writes.decide(NAME, backup, command(seed, before), clock, null);
      WriteOutcome expected = model.apply(command(seed, before));

      SEEN.merge(kind(decision.outcome()), 1, Integer::sum);
      assertThat(comparable(decision.outcome())).as(step).isEqualTo(comparable(expected));
      assertThat(copied.outcome()).as(step).isEqualTo(decision.outcome());
      assertThat(Content.of(backup)).as(step).isEqualTo(Content.of(owner));
      assertModel(step, owner, model);
      assertThat(owner.incarnation()).as(step).isGreaterThanOrEqualTo(before.incarnation());
      if (!(decision.outcome() instanceof WriteOutcome.Applied)) {
        assertThat(Content.of(owner)).as(step).isEqualTo(before);
        assertThat(decision.change()).as(step).isNull();
      }
      RecordChange change = decision.change();
      if (change != null) {
        assertThat(follower.take(change)).as(step).isEqualTo(TAKEN);
        assertFollower(step, follower, owner);
        published.add(change);
        // What comes late, or twice, counts no more.
        RecordChange earlier = published.get(random.nextInt(published.size()));
        assertThat(follower.take(earlier)).as("late %s after %s", earlier, step).isEqualTo(OLD);
        assertThat(follower.take(change)).as("twice, %s", step).isEqualTo(OLD);
      }
      assertFollower(step, follower, owner);
    }
  }

  private static void assertModel(String step, RecordCell cell, NaiveRecord model) {
    JsonNode data = model.data();
    assertThat(cell.data()).as(step).isEqualTo(data);
    assertThat(cell.version()).as(step).isEqualTo(model.version());
    assertThat(cell.positions()).as(step).isEqualTo(model.positions());
    ContainerNode<?> own = cell.data();
    assertThat(cell.size()).as(step).isEqualTo(own == null ? 0 : Json.text(own).text().length());
    assertThat(cell.size()).as(step).isLessThanOrEqualTo(MAX_SIZE);
  }

  private static void assertFollower(String step, FollowedRecord follower, RecordCell owner) {
    ContainerNode<?> data = owner.data();
    assertThat(follower.exists()).as(step).isEqualTo(data != null);
    if (data != null) {
      assertThat(follower.version()).as(step).isEqualTo(owner.version());
      assertThat(Json.parse(follower.text())).as(step).isEqualTo(Json.parse(Json.text(data)));
    }
  }

  private static Kind kind(WriteOutcome outcome) {
    return switch (outcome) {
      case WriteOutcome.Applied applied -> Kind.APPLIED;
      case WriteOutcome.Conflict conflict -> Kind.CONFLICT;
      case WriteOutcome.Missing() -> Kind.MISSING;
      case WriteOutcome.Invalid invalid -> Kind.INVALID;
      case WriteOutcome.TooEarly() -> throw new AssertionError("no delta says what it follows");
      case WriteOutcome.AlreadyApplied() -> Kind.ALREADY_APPLIED;
      case WriteOutcome.Minority() -> throw new AssertionError("is not for a record to say");
      case WriteOutcome.Unknown() -> throw new AssertionError("nothing was repeated");
    };
  }

  private static List<Object> comparable(WriteOutcome outcome) {
    List<Object> parts = new ArrayList<>(List.of(kind(outcome)));
    if (outcome instanceof WriteOutcome.Applied applied) {
      parts.add(applied.version());
    } else if (outcome instanceof WriteOutcome.Conflict conflict) {
      parts.addAll(
          List.of(conflict.version(), Json.parse(conflict.data()).orElseThrow(), conflict.gap()));
    }
    return parts;
  }

  // --- what is asked

  private static RecordCommand command(long seed, Content now) {
    Random random = new Random(seed);
    RandomTrees trees = new RandomTrees(random);
    int expected = expected(random, now);
    boolean upsert = random.nextInt(3) == 0;
    return switch (random.nextInt(16)) {
      case 0 -> new RecordCommand.Create();
      case 1 -> random.nextBoolean() ? new RecordCommand.Remove() : new RecordCommand.Create();
      case 2 -> {
        ContainerNode<?> data = trees.container(2);
        yield new RecordCommand.ReplaceHot(data, Json.text(data));
      }
      case 3, 4, 5 -> {
        ContainerNode<?> data = trees.container(3);
        yield new RecordCommand.Replace(expected, upsert, data, Json.text(data));
      }
      case 6, 7, 8, 9, 10 -> {
        List<PathWrite> list = new ArrayList<>();
        for (int i = random.nextInt(3) == 0 ? random.nextInt(5) : 0; i >= 0; i--) {
          list.add(
              random.nextInt(4) == 0
                  ? Cells.erase(trees.path())
                  : PathWrite.of(Cells.path(trees.path()), trees.value(2)));
        }
        yield new RecordCommand.WritePaths(expected, upsert, list);
      }
      default ->
          new RecordCommand.ApplyDelta(
              operation(random, trees),
              new LogPosition("topic/" + random.nextInt(2), random.nextInt(120)),
              Delta.NONE);
    };
  }

  private static int expected(Random random, Content now) {
    int next = now.data() == null ? 1 : now.version() + 1;
    return switch (random.nextInt(8)) {
      case 0 -> next - 1;
      case 1 -> next + 1;
      case 2 -> RecordCommand.ANY_VERSION;
      default -> next;
    };
  }

  private static DeltaOperation operation(Random random, RandomTrees trees) {
    return switch (random.nextInt(6)) {
      case 0 -> new DeltaOperation.JsonPatch(trees.jsonPatch());
      case 1 -> {
        List<DeltaOperation> steps = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          steps.add(
              random.nextInt(3) == 0
                  ? new DeltaOperation.JsonPatch(trees.jsonPatch())
                  : step(random, trees));
        }
        yield new DeltaOperation.Sequence(steps);
      }
      default -> step(random, trees);
    };
  }

  private static DeltaOperation step(Random random, RandomTrees trees) {
    return switch (random.nextInt(8)) {
      case 0 -> new DeltaOperation.Set(trees.container(3));
      case 1 -> new DeltaOperation.Delete();
      case 2 -> new DeltaOperation.Erase(Cells.path(trees.path()));
      case 3 -> new DeltaOperation.MergeAt(Cells.path(trees.path()), trees.mergePatch(2));
      case 4, 5 -> new DeltaOperation.Patch(Cells.path(trees.path()), trees.value(2));
      default -> new DeltaOperation.Merge(trees.mergePatch(3));
    };
  }
}
