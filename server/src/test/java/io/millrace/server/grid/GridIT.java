package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.LogPosition;
import io.millrace.server.record.PathWrite;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real member, with storage in the hand of the test or without. */
@Timeout(300)
final class GridIT {
  private static final RecordName NAME = new RecordName("seats/1");
  private static final RecordName OTHER = new RecordName("seats/2");
  private static final RecordName EXCLUDED = new RecordName("temp/1");

  private final RealLoop loop = new RealLoop();
  private final Queue<RecordChange> changes = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final FakeStorage storage = new FakeStorage();
  private @Nullable Grid grid;
  private @Nullable RecordStore store;

  private void start(boolean withStorage) {
    MillraceConfig config =
        ConfigLoader.parse(
            """
            server: { name: grid-it }
            record: { storageExclusionPrefixes: [temp/] }
            storage: { type: %s }
            """
                .formatted(withStorage ? "sqlite" : "none"));
    Grid started =
        Grid.start(
            config,
            withStorage ? storage : null,
            new FakeFollower(changes::add),
            new StorageObserver() {
              @Override
              public void stored(int records, long nanos) {}

              @Override
              public void failed() {
                failures.incrementAndGet();
              }

              @Override
              public void evicted(int records) {}
            });
    grid = started;
    store = started.store(loop);
  }

  @AfterEach
  void stop() {
    storage.failWith(null);
    storage.release();
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

  /** Calls the store where it belongs. */
  private <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> call) {
    return loop.ask(call);
  }

  private <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(90, TimeUnit.SECONDS);
  }

  private CompletableFuture<WriteResult> write(RecordName name, RecordCommand command) {
    return ask(() -> store().write(name, command, null, true));
  }

  private WriteOutcome outcome(RecordName name, RecordCommand command) throws Exception {
    return get(write(name, command)).outcome();
  }

  /** Written, and stored as far as there is storage. */
  private void stored(RecordName name, RecordCommand command) throws Exception {
    WriteResult result = get(write(name, command));
    assertThat(result.outcome()).isInstanceOf(WriteOutcome.Applied.class);
    get(result.durable());
  }

  private RecordSnapshot read(RecordName name) throws Exception {
    return get(ask(() -> store().read(name)));
  }

  private void unfollow(RecordName name) throws Exception {
    get(
        ask(
            () -> {
              store().unfollow(name);
              return CompletableFuture.completedFuture(true);
            }));
  }

  private static RecordCommand upsert(int version, String json) {
    return new RecordCommand.Replace(
        version, true, (ContainerNode<?>) Json.parse(json).orElseThrow(), new JsonText(json));
  }

  private static RecordCommand set(int version, String path, String json) {
    return new RecordCommand.WritePaths(
        version,
        true,
        List.of(
            new PathWrite(
                JsonPath.parse(path).orElseThrow(),
                Json.parse(json).orElseThrow(),
                new JsonText(json))));
  }

  private static RecordCommand delta(long offset, DeltaOperation operation) {
    return new RecordCommand.ApplyDelta(operation, new LogPosition("log/0", offset), Delta.NONE);
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) Json.parse(json).orElseThrow();
  }

  private static StoredRecord record(RecordName name, int version, @Nullable String json) {
    return new StoredRecord(
        name, 5, version, json == null ? null : new JsonText(json), Map.of("log/0", 7L));
  }

  /** How many cells the member holds. */
  private int cells() {
    HazelcastInstance member =
        Hazelcast.getAllHazelcastInstances().stream()
            .filter(each -> each.getName().startsWith("grid-it~"))
            .findFirst()
            .orElseThrow();
    return member.getMap("millrace.records").size();
  }

  @Nested
  final class WithoutStorage {

    @Test
    void whatIsWrittenIsRead() throws Exception {
      start(false);
      stored(NAME, upsert(1, "{\"a\":1}"));
      stored(NAME, set(2, "b", "2"));
      RecordSnapshot state = read(NAME);
      assertThat(state.version()).isEqualTo(2);
      assertThat(state.data()).isEqualTo(new JsonText("{\"a\":1,\"b\":2}"));
      assertThat(get(ask(() -> store().head(NAME)))).isEqualTo(2);
      assertThat(outcome(NAME, upsert(2, "[]"))).isInstanceOf(WriteOutcome.Conflict.class);
    }

    @Test
    void changesOfAFollowedRecordArriveBeforeTheirAnswers() throws Exception {
      start(false);
      stored(NAME, upsert(1, "{}"));
      assertThat(get(ask(() -> store().follow(NAME, false))).version()).isEqualTo(1);
      for (int version = 2; version < 200; version++) {
        stored(NAME, set(version, "a", "" + version));
        assertThat(changes.remove().version()).isEqualTo(version);
      }
      unfollow(NAME);
      stored(NAME, set(-1, "a", "0"));
      assertThat(changes).isEmpty();
    }

    @Test
    void questionsAndRefusalsLeaveNothingBehind() throws Exception {
      start(false);
      assertThat(read(NAME)).isEqualTo(RecordSnapshot.missing(0));
      assertThat(get(ask(() -> store().head(NAME)))).isEqualTo(-1);
      assertThat(outcome(NAME, upsert(7, "{}"))).isInstanceOf(WriteOutcome.Conflict.class);
      get(ask(() -> store().refresh(NAME)));
      assertThat(cells()).isZero();
    }

    @Test
    void aFollowedNameThatIsMissingLeavesNothingBehind() throws Exception {
      start(false);
      get(ask(() -> store().follow(NAME, false)));
      assertThat(cells()).isEqualTo(1);
      unfollow(NAME);
      await().until(() -> cells() == 0);
    }

    @Test
    void aDeletedRecordLeavesNothingBehind() throws Exception {
      start(false);
      get(ask(() -> store().follow(NAME, true)));
      stored(NAME, new RecordCommand.Remove());
      assertThat(changes.remove().body()).isEqualTo(new RecordChange.Deleted());
      assertThat(cells()).isZero();
    }

    @Test
    void aDeletedRecordIsNotRevivedByReplaysOfItsDeltas() throws Exception {
      start(false);
      stored(NAME, delta(1, new DeltaOperation.Merge(object("{\"a\":1}"))));
      stored(NAME, delta(2, new DeltaOperation.Delete()));
      assertThat(outcome(NAME, delta(1, new DeltaOperation.Merge(object("{\"a\":1}")))))
          .isEqualTo(new WriteOutcome.AlreadyApplied());
      assertThat(read(NAME).exists()).isFalse();
    }
  }

  @Nested
  final class Loading {

    @Test
    void requestsThatAreMadeMeanwhileAreCarriedOutInTheirOrder() throws Exception {
      start(true);
      storage.put(record(NAME, 3, "{\"a\":3}"));
      storage.hold();
      CompletableFuture<RecordSnapshot> before = ask(() -> store().read(NAME));
      CompletableFuture<WriteResult> first = write(NAME, set(4, "a", "4"));
      CompletableFuture<WriteResult> second = write(NAME, set(5, "a", "5"));
      CompletableFuture<RecordSnapshot> between = ask(() -> store().read(NAME));
      await().until(() -> storage.waiting() > 0);
      CompletableFuture<WriteResult> third = write(NAME, set(6, "a", "6"));
      CompletableFuture<Integer> head = ask(() -> store().head(NAME));
      assertThat(first).isNotDone();
      storage.release();
      assertThat(get(before).version()).isEqualTo(3);
      assertThat(get(first).outcome()).isEqualTo(new WriteOutcome.Applied(5, 4));
      assertThat(get(second).outcome()).isEqualTo(new WriteOutcome.Applied(5, 5));
      assertThat(get(between).data()).isEqualTo(new JsonText("{\"a\":5}"));
      assertThat(get(third).outcome()).isEqualTo(new WriteOutcome.Applied(5, 6));
      assertThat(get(head)).isEqualTo(6);
      assertThat(storage.loads()).isEqualTo(1);
    }

    @Test
    void thatFailsIsAnErrorAndNothingIsCreatedOverWhatIsStored() throws Exception {
      start(true);
      storage.put(record(NAME, 3, "{\"a\":3}"));
      storage.failWith(new StorageException("broken", null));
      for (CompletableFuture<?> each :
          List.of(
              ask(() -> store().read(NAME)),
              ask(() -> store().head(NAME)),
              ask(() -> store().follow(NAME, true)),
              write(NAME, upsert(1, "{}")))) {
        assertThatThrownBy(() -> get(each)).isInstanceOf(ExecutionException.class);
      }
      assertThat(cells()).isZero();
      assertThat(grid().pendingAcks()).isZero();
      storage.failWith(null);
      assertThat(read(NAME).data()).isEqualTo(new JsonText("{\"a\":3}"));
    }

    @Test
    void questionsAboutUnknownNamesLeaveNothingBehind() throws Exception {
      start(true);
      assertThat(read(NAME)).isEqualTo(RecordSnapshot.missing(0));
      assertThat(get(ask(() -> store().head(OTHER)))).isEqualTo(-1);
      get(ask(() -> store().refresh(NAME)));
      assertThat(outcome(NAME, upsert(9, "{}"))).isInstanceOf(WriteOutcome.Conflict.class);
      get(ask(() -> store().follow(OTHER, false)));
      unfollow(OTHER);
      await().until(() -> cells() == 0);
    }

    @Test
    void bringsThePositionsSoThatDeltasTakeEffectOnce() throws Exception {
      start(true);
      storage.put(record(NAME, 3, "{\"a\":3}"));
      assertThat(outcome(NAME, delta(7, new DeltaOperation.Delete())))
          .isEqualTo(new WriteOutcome.AlreadyApplied());
      storage.put(record(OTHER, 3, null));
      assertThat(outcome(OTHER, delta(6, new DeltaOperation.Merge(object("{}")))))
          .isEqualTo(new WriteOutcome.AlreadyApplied());
      assertThat(read(OTHER).exists()).isFalse();
    }

    @Test
    void excludedNamesNeverTouchStorage() throws Exception {
      start(true);
      storage.failWith(new StorageException("not to be asked", null));
      stored(EXCLUDED, upsert(1, "{}"));
      assertThat(read(EXCLUDED).version()).isEqualTo(1);
      stored(EXCLUDED, new RecordCommand.Remove());
      assertThat(storage.loads()).isZero();
      assertThat(storage.saves()).isEmpty();
      assertThat(failures).hasValue(0);
      assertThat(cells()).isZero();
    }
  }

  @Nested
  final class Storing {

    private StoredRecord inStorage(RecordName name) {
      return Objects.requireNonNull(storage.get(name));
    }

    @Test
    void comesBeforeTheAck() throws Exception {
      start(true);
      read(NAME);
      storage.hold();
      // Loaded by now, or the write would wait for that.
      CompletableFuture<WriteResult> loading = write(NAME, upsert(1, "{\"a\":1}"));
      await().until(() -> storage.waiting() == 1);
      assertThat(loading).isNotDone();
      storage.release();
      get(get(loading).durable());
      storage.hold();
      WriteResult written = get(write(NAME, set(2, "a", "2")));
      await().until(() -> storage.waiting() == 2);
      assertThat(written.durable()).isNotDone();
      assertThat(grid().pendingAcks()).isEqualTo(1);
      assertThat(inStorage(NAME).version()).isEqualTo(1);
      storage.release();
      get(written.durable());
      assertThat(inStorage(NAME).version()).isEqualTo(2);
      assertThat(inStorage(NAME).data()).isEqualTo(new JsonText("{\"a\":2}"));
    }

    @Test
    void isDoneInGroups() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{}"));
      storage.hold();
      List<CompletableFuture<Void>> acks = new ArrayList<>();
      acks.add(get(write(NAME, set(-1, "a", "0"))).durable());
      await().until(() -> storage.waiting() > 0);
      int before = storage.saves().size();
      for (int i = 1; i <= 500; i++) {
        acks.add(get(write(NAME, set(-1, "a", "" + i))).durable());
      }
      storage.release();
      for (CompletableFuture<Void> ack : acks) {
        get(ack);
      }
      assertThat(inStorage(NAME).version()).isEqualTo(502);
      // The one that was held up, and one with all that came meanwhile.
      assertThat(storage.saves()).hasSize(before + 2);
    }

    @Test
    void thatFailsForAWhileCompletesTheAcksInTheEnd() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{}"));
      stored(OTHER, upsert(1, "{}"));
      storage.failWith(new StorageException("broken", null));
      CompletableFuture<Void> first = get(write(NAME, set(2, "a", "1"))).durable();
      await().until(() -> failures.get() >= 2);
      CompletableFuture<Void> second = get(write(OTHER, set(2, "a", "1"))).durable();
      assertThat(first).isNotDone();
      storage.failWith(null);
      get(first);
      get(second);
      assertThat(inStorage(NAME).version()).isEqualTo(2);
      assertThat(inStorage(OTHER).version()).isEqualTo(2);
    }

    /** Whatever storage throws, the thread that stores everything must live on. */
    @Test
    void survivesFailuresThatNobodyPromised() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{}"));
      storage.failWith(new IllegalStateException("a bug"));
      CompletableFuture<Void> ack = get(write(NAME, set(2, "a", "1"))).durable();
      await().until(() -> failures.get() >= 1);
      storage.failWith(null);
      get(ack);
    }

    @Test
    void goesOnUntilAllIsStoredWhenTheNodeStops() throws Exception {
      start(true);
      for (int i = 0; i < 50; i++) {
        RecordName name = new RecordName("n" + i);
        get(ask(() -> store().write(name, upsert(1, "{\"a\":1}"), null, false)));
      }
      grid().close();
      for (int i = 0; i < 50; i++) {
        assertThat(inStorage(new RecordName("n" + i)).version()).isEqualTo(1);
      }
    }

    @Test
    void keepsThatARecordWasDeleted() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{}"));
      stored(NAME, delta(3, new DeltaOperation.Merge(object("{\"a\":1}"))));
      long incarnation = inStorage(NAME).incarnation();
      stored(NAME, new RecordCommand.Remove());
      assertThat(inStorage(NAME).data()).isNull();
      assertThat(inStorage(NAME).positions()).isEqualTo(Map.of("log/0", 3L));
      stored(NAME, upsert(1, "{\"b\":1}"));
      assertThat(inStorage(NAME).data()).isEqualTo(new JsonText("{\"b\":1}"));
      assertThat(inStorage(NAME).incarnation()).isGreaterThan(incarnation);
    }

    /** A hot path goes back to version 0, which storage must not take for old. */
    @Test
    void ofAHotPathReplacesVersionedWrites() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{\"a\":1}"));
      for (int i = 2; i < 5; i++) {
        String json = "{\"a\":" + i + "}";
        stored(
            NAME,
            new RecordCommand.ReplaceHot(
                (ContainerNode<?>) Json.parse(json).orElseThrow(), new JsonText(json)));
        assertThat(inStorage(NAME).data()).isEqualTo(new JsonText(json));
        assertThat(inStorage(NAME).version()).isZero();
      }
    }

    /** The first attempt's answer was lost, and storage is slow: the replay must wait, too. */
    @Test
    void isWaitedForByAReplayedDelta() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{}"));
      storage.hold();
      WriteResult first = get(write(NAME, delta(1, new DeltaOperation.Merge(object("{\"a\":1}")))));
      WriteResult again = get(write(NAME, delta(1, new DeltaOperation.Merge(object("{\"a\":1}")))));
      assertThat(again.outcome()).isEqualTo(new WriteOutcome.AlreadyApplied());
      await().until(() -> storage.waiting() > 0);
      assertThat(again.durable()).isNotDone();
      storage.release();
      get(first.durable());
      get(again.durable());
      assertThat(inStorage(NAME).positions()).isEqualTo(Map.of("log/0", 1L));
    }

    @Test
    void behindTheServersBackIsTakenOverAndPublishedWhenItIsTold() throws Exception {
      start(true);
      stored(NAME, upsert(1, "{\"a\":1}"));
      get(ask(() -> store().follow(NAME, false)));
      StoredRecord now = inStorage(NAME);
      storage.put(
          new StoredRecord(
              NAME, now.incarnation(), now.version(), new JsonText("{\"a\":9}"), Map.of()));
      get(ask(() -> store().refresh(NAME)));
      assertThat(read(NAME).data()).isEqualTo(new JsonText("{\"a\":9}"));
      await()
          .until(
              () ->
                  changes.stream()
                      .anyMatch(
                          change ->
                              change
                                  .body()
                                  .equals(new RecordChange.Whole(new JsonText("{\"a\":9}")))));
    }
  }
}
