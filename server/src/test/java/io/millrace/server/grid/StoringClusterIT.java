package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hazelcast.cluster.Member;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.peer.NodeId;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOperation;
import io.millrace.server.record.LogPosition;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.WriteOutcome;
import io.millrace.testkit.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What owners owe storage while nodes come, leave and die, and storage itself does (P4). */
@Timeout(300)
final class StoringClusterIT {
  private static final int NAMES = 150;

  private final FakeStorage storage = new FakeStorage();
  private final LocalPeers links = new LocalPeers();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final AtomicInteger evicted = new AtomicInteger();
  private volatile int heapPercent;
  private final AtomicInteger collections = new AtomicInteger();
  private StorageLimits limits = limits(1_000_000, Duration.ofMinutes(2));

  private StorageLimits limits(int unstored, Duration idle) {
    MemoryGauge memory =
        new MemoryGauge() {
          @Override
          public int usedPercent() {
            return heapPercent;
          }

          @Override
          public long collections() {
            return collections.incrementAndGet();
          }
        };
    return new StorageLimits(unstored, 200_000, 32 << 20, memory, 80, idle);
  }

  private final class Node {
    final String id = NodeId.fresh("storing");
    final NodeStorage storage = new NodeStorage(StoringClusterIT.this.storage);
    final RealLoop loop = new RealLoop();
    final Grid grid;
    final RecordStore store;

    Node(int index) {
      GridNode self = new GridNode(id, Optional.empty(), links.node(id));
      this.grid =
          Grid.start(
              config(index),
              self,
              storage,
              List.of(),
              new FakeFollower(change -> {}),
              new StorageObserver() {
                @Override
                public void stored(int records, long nanos) {}

                @Override
                public void failed() {}

                @Override
                public void evicted(int records) {
                  evicted.addAndGet(records);
                }
              },
              limits);
      this.store = grid.store(loop);
      links.link(id);
    }

    HazelcastInstance member() {
      return Objects.requireNonNull(Hazelcast.getHazelcastInstanceByName(id));
    }

    boolean owns(RecordName name) {
      Member owner = member().getPartitionService().getPartition(name.value()).getOwner();
      return owner != null && owner.localMember();
    }

    <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> call) {
      return loop.ask(call);
    }

    WriteResult write(RecordName name, RecordCommand command, boolean durable) throws Exception {
      WriteResult result = get(ask(() -> store.write(name, command, null, durable)));
      assertThat(result.outcome()).isInstanceOf(WriteOutcome.Applied.class);
      return result;
    }

    RecordSnapshot read(RecordName name) throws Exception {
      return get(ask(() -> store.read(name)));
    }

    /** As a process that is killed: nothing more leaves it. */
    void kill() {
      storage.breakDown();
      links.cut(id);
      member().getLifecycleService().terminate();
    }
  }

  @BeforeEach
  void findPorts() {
    while (ports.size() < 3) {
      ports.add(FreePorts.next());
    }
  }

  @AfterEach
  void stop() {
    storage.failWith(null);
    storage.release();
    for (Node node : nodes) {
      node.storage.repair();
      links.cut(node.id);
      HazelcastInstance member = Hazelcast.getHazelcastInstanceByName(node.id);
      if (member != null) {
        member.getLifecycleService().terminate();
      }
      node.grid.close();
      node.loop.close();
    }
    links.close();
  }

  private MillraceConfig config(int index) {
    return ConfigLoader.parse(
        """
        record: { storageExclusionPrefixes: [temp/] }
        storage: { type: none, ackTimeout: 90s }
        cluster:
          enabled: true
          name: storing-%d
          host: 127.0.0.1
          port: %d
          members: ["127.0.0.1:%d", "127.0.0.1:%d", "127.0.0.1:%d"]
        """
            .formatted(
                ports.getFirst(), ports.get(index), ports.get(0), ports.get(1), ports.get(2)));
  }

  private Node start() {
    Node node = new Node(nodes.size());
    nodes.add(node);
    return node;
  }

  private void startThree() {
    start();
    start();
    start();
    await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () ->
                nodes.stream()
                    .allMatch(
                        node ->
                            node.member().getCluster().getMembers().size() == 3
                                && node.member().getPartitionService().isClusterSafe()));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(120, TimeUnit.SECONDS);
  }

  private static RecordCommand upsert(int version, String json) {
    return new RecordCommand.Replace(
        version, true, (ContainerNode<?>) Json.parse(json).orElseThrow(), new JsonText(json));
  }

  private static RecordCommand delta(long offset, String json) {
    return new RecordCommand.ApplyDelta(
        new DeltaOperation.Merge((ObjectNode) Json.parse(json).orElseThrow()),
        new LogPosition("log/0", offset),
        Delta.NONE);
  }

  private static List<RecordName> names() {
    List<RecordName> names = new ArrayList<>();
    for (int i = 0; i < NAMES; i++) {
      names.add(new RecordName("seats/" + i));
    }
    return names;
  }

  private int storedVersion(RecordName name) {
    StoredRecord record = storage.get(name);
    return record == null ? -1 : record.version();
  }

  /** Writes version 1 of all and waits; then version 2, which cannot be stored everywhere. */
  private List<CompletableFuture<Void>> writeTwice(Node writer, Runnable between) throws Exception {
    for (RecordName name : names()) {
      get(writer.write(name, upsert(1, "{}"), true).durable());
    }
    between.run();
    List<CompletableFuture<Void>> acks = new ArrayList<>();
    for (RecordName name : names()) {
      // Every other one with nobody who waits: it has to be stored, too.
      boolean waits = name.value().hashCode() % 2 == 0;
      CompletableFuture<Void> ack = writer.write(name, upsert(2, "{\"a\":2}"), waits).durable();
      acks.add(waits ? ack.thenRun(() -> assertThat(storedVersion(name)).isEqualTo(2)) : ack);
    }
    return acks;
  }

  private void allStored(List<CompletableFuture<Void>> acks) throws Exception {
    for (CompletableFuture<Void> ack : acks) {
      get(ack);
    }
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () ->
                assertThat(names())
                    .allSatisfy(name -> assertThat(storedVersion(name)).isEqualTo(2)));
  }

  @Test
  void whatAKilledOwnerHadNotStoredIsStoredAndConfirmedByTheNextOne() throws Exception {
    startThree();
    Node doomed = nodes.get(1);
    List<CompletableFuture<Void>> acks = writeTwice(nodes.get(0), doomed.storage::hold);
    await().until(() -> doomed.storage.attempts() > 0 && doomed.grid.unstored() > 0);
    assertThat(names().stream().filter(doomed::owns).count()).isPositive();
    assertThat(acks).anyMatch(ack -> !ack.isDone());
    doomed.kill();
    allStored(acks);
  }

  @Test
  void whatALeavingOwnerCouldNotStoreIsStoredByTheNextOne() throws Exception {
    startThree();
    Node leaving = nodes.get(1);
    List<CompletableFuture<Void>> acks = writeTwice(nodes.get(0), leaving.storage::breakDown);
    assertThat(acks).anyMatch(ack -> !ack.isDone());
    leaving.grid.close();
    links.cut(leaving.id);
    allStored(acks);
  }

  @Test
  void whatMovesToANewNodeIsStoredThere() throws Exception {
    Node first = start();
    List<CompletableFuture<Void>> acks = writeTwice(first, first.storage::breakDown);
    assertThat(first.grid.storageOutage()).isNotNull();
    Node second = start();
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              List<RecordName> moved = names().stream().filter(second::owns).toList();
              assertThat(moved).hasSizeGreaterThan(NAMES / 4);
              assertThat(moved).allSatisfy(name -> assertThat(storedVersion(name)).isEqualTo(2));
            });
    assertThat(acks).anyMatch(ack -> !ack.isDone());
    first.storage.repair();
    allStored(acks);
    assertThat(first.grid.pendingAcks()).isZero();
  }

  /** The owner said that it is stored while nobody could hear it. */
  @Test
  void aWaitWhoseEndWasLostWithALinkIsConfirmedWhenItIsBack() throws Exception {
    startThree();
    Node writer = nodes.get(0);
    Node owner = nodes.get(1);
    for (RecordName name : names()) {
      get(writer.write(name, upsert(1, "{}"), true).durable());
    }
    RecordName name = names().stream().filter(owner::owns).findFirst().orElseThrow();
    owner.storage.hold();
    CompletableFuture<Void> ack = writer.write(name, upsert(2, "{}"), true).durable();
    links.cut(owner.id);
    owner.storage.repair();
    await().until(() -> storedVersion(name) == 2);
    assertThat(ack).isNotDone();
    links.link(owner.id);
    get(ack);
  }

  /** A record of which there was nothing cannot have had a write that is not known any more. */
  @Test
  void aRepeatedWriteTakesPlaceWhereNoneCanBeForgotten() throws Exception {
    startThree();
    RecordName name = names().getFirst();
    get(nodes.get(0).write(name, upsert(1, "{}"), true).durable());
    assertThat(repeated(name)).isInstanceOf(WriteOutcome.Applied.class);
    RecordName old = names().getLast();
    storage.save(List.of(new StoredRecord(old, 1, 1, new JsonText("{}"), Map.of())));
    nodes.get(0).read(old);
    assertThat(repeated(old)).isInstanceOf(WriteOutcome.Unknown.class);
  }

  private WriteOutcome repeated(RecordName name) throws Exception {
    WriteProcessor write =
        new WriteProcessor(upsert(RecordCommand.ANY_VERSION, "{\"a\":1}"), 1, null, null, 42, 42);
    write.repeat();
    IMap<String, RecordCell> map = nodes.get(1).member().getMap(Grid.RECORDS);
    while (true) {
      GridAnswer answer = get(map.submitToKey(name.value(), write).toCompletableFuture());
      if (answer instanceof GridAnswer.Written written) {
        return written.outcome();
      }
      write.claimedBy(((GridAnswer.NotClaimed) answer).owner());
    }
  }

  @Test
  void excludedRecordsLiveInTheGridOnly() throws Exception {
    startThree();
    RecordName name = new RecordName("temp/1");
    get(nodes.get(0).write(name, upsert(1, "{}"), true).durable());
    int loads = storage.loads();
    for (Node node : nodes) {
      assertThat(node.read(name).version()).isEqualTo(1);
    }
    nodes.stream().filter(node -> node.owns(name)).findFirst().orElseThrow().kill();
    Node left =
        nodes.stream()
            .filter(node -> Hazelcast.getHazelcastInstanceByName(node.id) != null)
            .findFirst()
            .orElseThrow();
    // A call that was on its way to the dead one fails.
    await().ignoreExceptions().until(() -> left.read(name).version() == 1);
    assertThat(storage.loads()).isEqualTo(loads);
    assertThat(storage.get(name)).isNull();
  }

  @Test
  void tooManyChangesForAStorageThatIsAwayAreRefusedUntilItIsBack() throws Exception {
    limits = limits(5, Duration.ofMinutes(2));
    Node node = start();
    for (RecordName name : names()) {
      get(node.write(name, upsert(1, "{}"), true).durable());
    }
    node.storage.breakDown();
    for (RecordName name : names().subList(0, 5)) {
      node.write(name, upsert(2, "{}"), false);
    }
    await().until(() -> node.grid.unstored() >= 5 && node.grid.storageOutage().isPresent());
    RecordName sixth = names().get(5);
    assertThatThrownBy(() -> node.write(sixth, upsert(2, "{}"), true))
        .hasRootCauseInstanceOf(StorageException.class)
        .hasMessageContaining("too long");
    assertThat(node.read(sixth).version()).isEqualTo(1);
    assertThat(node.grid.pendingAcks()).isZero();
    node.storage.repair();
    await().until(() -> node.grid.storageOutage().isEmpty() && node.grid.unstored() == 0);
    get(node.write(sixth, upsert(2, "{}"), true).durable());
    assertThat(storedVersion(names().get(0))).isEqualTo(2);
  }

  @Test
  void aCommitThatHangsIsAnOutage() throws Exception {
    Node node = start();
    RecordName name = names().getFirst();
    get(node.write(name, upsert(1, "{}"), true).durable());
    node.storage.hold();
    CompletableFuture<Void> ack = node.write(name, upsert(2, "{}"), true).durable();
    await().atMost(Duration.ofSeconds(90)).until(() -> node.grid.storageOutage().isPresent());
    assertThat(node.grid.oldestUnstored()).isPositive();
    node.storage.repair();
    get(ack);
    await().until(() -> node.grid.storageOutage().isEmpty());
  }

  @Test
  void idleRecordsGoWhenMemoryIsShortAndComeBackAsTheyWere() throws Exception {
    limits = limits(1_000_000, Duration.ofSeconds(1));
    start();
    start();
    Node node = nodes.get(0);
    RecordName followed = new RecordName("followed");
    RecordName excluded = new RecordName("temp/1");
    for (RecordName name : names()) {
      get(node.write(name, delta(7, "{\"a\":1}"), true).durable());
    }
    get(node.write(followed, upsert(1, "{}"), true).durable());
    get(node.ask(() -> node.store.follow(followed, false)));
    get(node.write(excluded, upsert(1, "{}"), true).durable());
    RecordSnapshot before = node.read(names().getFirst());
    assertThat(held()).isEqualTo(NAMES + 2);
    heapPercent = 90;
    await().atMost(Duration.ofSeconds(90)).until(() -> held() == 2);
    // Counted when they have gone.
    await().untilAsserted(() -> assertThat(evicted).hasValue(NAMES));
    heapPercent = 10;
    int loads = storage.loads();
    assertThat(node.read(followed).version()).isEqualTo(1);
    assertThat(node.read(excluded).version()).isEqualTo(1);
    assertThat(storage.loads()).isEqualTo(loads);
    for (RecordName name : names()) {
      RecordSnapshot after = node.read(name);
      assertThat(after.version()).isEqualTo(before.version());
      assertThat(after.data()).isEqualTo(before.data());
    }
    assertThat(node.read(names().getFirst())).isEqualTo(before);
    assertThat(storage.loads()).isGreaterThan(loads);
    assertThat(
            get(node.ask(() -> node.store.write(names().get(3), delta(7, "{}"), null, true)))
                .outcome())
        .isEqualTo(new WriteOutcome.AlreadyApplied());
    assertThat(Objects.requireNonNull(storage.get(names().get(3))).positions())
        .isEqualTo(Map.of("log/0", 7L));
  }

  @Test
  void whatOnlyADeadNodeFollowedDoesNotStayForIt() throws Exception {
    limits = limits(1_000_000, Duration.ofSeconds(1));
    start();
    Node follower = start();
    Node node = nodes.getFirst();
    await().atMost(Duration.ofSeconds(90)).until(() -> names().stream().anyMatch(follower::owns));
    for (RecordName name : names()) {
      get(node.write(name, upsert(1, "{}"), true).durable());
      get(follower.ask(() -> follower.store.follow(name, false)));
    }
    RecordName last = new RecordName("last");
    get(node.write(last, upsert(1, "{}"), true).durable());
    heapPercent = 90;
    await().atMost(Duration.ofSeconds(90)).until(() -> held() == NAMES);
    follower.kill();
    await().atMost(Duration.ofSeconds(90)).until(() -> node.grid.held() == 0);
    assertThat(node.read(names().getFirst()).version()).isEqualTo(1);
  }

  /** The first that is asked of owners who have taken the records over in good order. */
  @Test
  void whatIsChangedInStorageIsTakenOverFromThereAfterAMove() throws Exception {
    Node first = start();
    for (RecordName name : names()) {
      get(first.write(name, upsert(1, "{}"), true).durable());
    }
    Node second = start();
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> names().stream().filter(second::owns).count() > NAMES / 4);
    for (RecordName name : names()) {
      StoredRecord stored = Objects.requireNonNull(storage.get(name));
      storage.put(
          new StoredRecord(
              name, stored.incarnation(), 5, new JsonText("{\"x\":1}"), stored.positions()));
      get(first.ask(() -> first.store.refresh(name)));
      assertThat(first.read(name).data().text()).isEqualTo("{\"x\":1}");
    }
  }

  @Test
  void recordsThatAreNotStoredOrNotIdleStayHoweverShortMemoryIs() throws Exception {
    limits = limits(1_000_000, Duration.ofSeconds(1));
    Node node = start();
    for (RecordName name : names()) {
      get(node.write(name, upsert(1, "{}"), true).durable());
    }
    node.storage.breakDown();
    node.write(names().getFirst(), upsert(2, "{\"a\":2}"), false);
    heapPercent = 90;
    await().atMost(Duration.ofSeconds(90)).until(() -> held() == 1);
    assertThat(node.read(names().getFirst()).version()).isEqualTo(2);
    node.storage.repair();
    await().until(() -> storedVersion(names().getFirst()) == 2);
  }

  private long held() {
    return nodes.stream().mapToLong(node -> node.grid.held()).sum();
  }
}
