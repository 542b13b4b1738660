package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.map.IMap;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.record.Changelog;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.LogPosition;
import io.millrace.server.record.LogProgress;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.tracing.Tracing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member without storage, and progress in the hand of the test. */
@Timeout(300)
final class PurgeIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final RecordName NAME = new RecordName("seats/1");
  private static final Purge.Pace FAST = pace(Duration.ofMillis(50));

  private final RealLoop loop = new RealLoop();
  private final Kept kept = new Kept();
  private @Nullable Grid grid;
  private @Nullable RecordStore store;

  /** Whole rounds, one after the other. */
  static Purge.Pace pace(Duration rest) {
    return new Purge.Pace(rest, Duration.ofMillis(20), 1);
  }

  /** Progress that is what it was set to, and counts the questions. */
  static final class Kept implements LogProgress {
    private final Map<String, Long> next = new HashMap<>();
    private int questions;

    synchronized void set(String log, long offset) {
      next.put(log, offset);
    }

    synchronized void lose() {
      next.clear();
    }

    synchronized int questions() {
      return questions;
    }

    @Override
    public synchronized Map<String, Long> next(Set<String> partitions) {
      questions++;
      Map<String, Long> found = new HashMap<>(next);
      found.keySet().retainAll(partitions);
      return found;
    }
  }

  private void start(Changelog... changelogs) {
    Grid started =
        Grid.start(
            ConfigLoader.parse("{ server: { name: purge-it }, storage: { type: none } }"),
            GridNode.alone("purge-it"),
            null,
            List.of(changelogs),
            new FakeFollower(change -> {}),
            new Unobserved(),
            Tracing.OFF);
    grid = started;
    store = started.store(loop);
  }

  @AfterEach
  void stop() {
    Grid running = grid;
    if (running != null) {
      running.close();
    }
    loop.close();
  }

  private Grid grid() {
    return Objects.requireNonNull(grid);
  }

  private RecordStore store() {
    return Objects.requireNonNull(store);
  }

  private <T> T get(Supplier<CompletableFuture<T>> call) throws Exception {
    return loop.ask(call).get(90, TimeUnit.SECONDS);
  }

  private WriteOutcome write(RecordCommand command) throws Exception {
    return get(() -> store().write(NAME, command, null, true)).outcome();
  }

  private WriteOutcome set(String log, long offset) throws Exception {
    ObjectNode data = (ObjectNode) Json.parse("{\"n\":" + offset + "}").orElseThrow();
    return write(delta(log, offset, new DeltaOperation.Set(data)));
  }

  private WriteOutcome delete(String log, long offset) throws Exception {
    return write(delta(log, offset, new DeltaOperation.Delete()));
  }

  private static RecordCommand delta(String log, long offset, DeltaOperation operation) {
    return new RecordCommand.ApplyDelta(operation, new LogPosition(log, offset), Delta.NONE);
  }

  private long cells() {
    return grid().held();
  }

  /** Cells have been looked at that often since now, and been left where they are. */
  private void rounds(int count) {
    int before = kept.questions();
    await().atMost(LONG).until(() -> kept.questions() >= before + count);
  }

  @Test
  void aRemovedRecordIsForgottenWhenAllItsPositionsAreCovered() throws Exception {
    start();
    set("log/0", 1);
    set("log/1", 5);
    delete("log/0", 2);
    kept.set("log/1", 6);
    kept.set("log/0", 2);
    grid().forgetRemoved(kept, FAST);

    rounds(5);
    assertThat(cells()).isEqualTo(1);
    await().atMost(LONG).until(() -> grid().removed() == 1);
    assertThat(set("log/0", 1)).isEqualTo(new WriteOutcome.AlreadyApplied());

    kept.set("log/0", 3);
    await().atMost(LONG).until(() -> cells() == 0 && grid().removed() == 0);
  }

  @Test
  void theNextLifeIsALaterOne() throws Exception {
    start();
    set("log/0", 1);
    RecordSnapshot first = get(() -> store().read(NAME));
    delete("log/0", 2);
    kept.set("log/0", 3);
    grid().forgetRemoved(kept, FAST);
    await().atMost(LONG).until(() -> cells() == 0);

    set("log/0", 3);

    RecordSnapshot second = get(() -> store().read(NAME));
    assertThat(second.data()).isEqualTo(new JsonText("{\"n\":3}"));
    assertThat(second.incarnation()).isGreaterThan(first.incarnation());
  }

  @Test
  void whatExistsOrIsFollowedStays() throws Exception {
    start();
    set("log/0", 1);
    get(() -> store().write(new RecordName("x"), delta("log/0", 2, remove()), null, true));
    get(() -> store().write(new RecordName("y"), delta("log/0", 2, remove()), null, true));
    get(() -> store().follow(new RecordName("y"), false));
    kept.set("log/0", 9);
    grid().forgetRemoved(kept, FAST);

    await().atMost(LONG).until(() -> cells() == 2);
    loop.execute(() -> store().unfollow(new RecordName("y")));
    await().atMost(LONG).until(() -> cells() == 1);
    assertThat(get(() -> store().read(NAME)).exists()).isTrue();
  }

  private static DeltaOperation remove() {
    return new DeltaOperation.Delete();
  }

  @Test
  void progressThatGoesBackStartsTheRestAnew() throws Exception {
    start();
    set("log/0", 1);
    delete("log/0", 2);
    kept.set("log/0", 3);
    grid().forgetRemoved(kept, pace(Duration.ofSeconds(6)));
    // It rests: nobody asks about it meanwhile.
    await().atMost(LONG).until(() -> kept.questions() > 0);
    kept.lose();

    rounds(5);
    assertThat(cells()).isEqualTo(1);
    kept.set("log/0", 3);
    await().atMost(LONG).until(() -> cells() == 0);
  }

  @Test
  void aChangelogIsToldFirst() throws Exception {
    FakeChangelog.Topic topic = new FakeChangelog.Topic();
    FakeChangelog changelog = new FakeChangelog(topic, false, name -> true);
    changelog.breakDown();
    start(changelog);
    set("log/0", 1);
    delete("log/0", 2);
    kept.set("log/0", 3);
    grid().forgetRemoved(kept, FAST);

    rounds(20);
    assertThat(cells()).isEqualTo(1);
    changelog.repair();

    await().atMost(LONG).until(() -> cells() == 0);
    assertThat(topic.of(NAME.value())).last().matches(message -> message.data() == null);
  }

  @Test
  void copiesForgetItToo() throws Exception {
    try (GridCluster cluster = new GridCluster(2, 1)) {
      GridCluster.Node one = cluster.node(0);
      GridCluster.Node other = cluster.node(1);
      await().atMost(LONG).until(cluster::isSafe);
      for (int i = 0; i < 50; i++) {
        RecordName name = new RecordName("r" + i);
        one.write(name, delta("log/0", i, remove()));
      }
      await().atMost(LONG).until(() -> copies(one) + copies(other) == 100);
      kept.set("log/0", 50);
      one.grid.forgetRemoved(kept, FAST);

      await().atMost(LONG).until(() -> one.grid.held() == 0);
      assertThat(other.grid.held()).as("the other node sees to its own").isPositive();
      other.grid.forgetRemoved(kept, FAST);
      await().atMost(LONG).until(() -> copies(one) + copies(other) == 0);
    }
  }

  private static long copies(GridCluster.Node node) {
    IMap<String, RecordCell> records = node.hazelcast().getMap("millrace.records");
    return records.getLocalMapStats().getOwnedEntryCount()
        + records.getLocalMapStats().getBackupEntryCount();
  }
}
