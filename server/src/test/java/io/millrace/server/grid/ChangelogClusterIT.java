package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ContainerNode;
import com.hazelcast.cluster.Member;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.grid.FakeChangelog.Message;
import io.millrace.server.peer.NodeId;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordStore.WriteResult;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.transport.Continuation;
import io.millrace.testkit.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What owners tell a changelog while nodes come and die, and the changelog itself does. */
@Timeout(300)
final class ChangelogClusterIT {
  private static final Duration LONG = Duration.ofSeconds(120);

  private final FakeChangelog.Topic topic = new FakeChangelog.Topic();
  private final LocalPeers links = new LocalPeers();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final String cluster = "log-" + ThreadLocalRandom.current().nextInt(1 << 30);
  private boolean tellsChanges;
  private int untold = 200_000;

  @AfterEach
  void stop() {
    for (Node node : nodes) {
      node.changelog.repair();
      node.member().ifPresent(member -> member.getLifecycleService().terminate());
      node.grid.close();
      node.loop.close();
    }
    links.close();
  }

  @Test
  void removedRecordsAreToldAndForgottenOnlyThen() throws Exception {
    start(1);
    Node node = nodes.get(0);
    node.changelog.hold();
    node.write("a", replace(1));
    node.write("a", new RecordCommand.Remove());
    node.write("other/b", replace(1));
    node.changelog.repair();

    await().atMost(LONG).until(() -> !topic.messages().isEmpty() && node.grid.untold("fake") == 0);
    List<Message> told = topic.messages();
    assertThat(told).extracting(Message::name).containsOnly("a");
    assertThat(told.get(told.size() - 1).data()).isNull();
  }

  @Test
  void aChangelogThatIsAwayCostsNamesAndNoWrites() throws Exception {
    untold = 40;
    start(1);
    Node node = nodes.get(0);
    node.changelog.breakDown();
    for (int round = 1; round <= 3; round++) {
      for (int i = 0; i < 100; i++) {
        node.write("r" + i, replace(round));
      }
    }
    await().atMost(LONG).until(() -> node.changelog.attempts() > 0);
    assertThat(node.grid.untold("fake")).isLessThanOrEqualTo(40);

    node.changelog.repair();
    await().atMost(LONG).until(() -> newest().size() == 100);
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(newest().values()).containsOnly("{\"n\":3}"));
    assertVersionsNeverFall();
  }

  @Test
  void changesAreToldOneByOne() throws Exception {
    tellsChanges = true;
    start(1);
    Node node = nodes.get(0);
    List<Integer> versions = new ArrayList<>();
    for (int version = 1; version <= 20; version++) {
      node.write("a", replace(version));
      versions.add(version);
    }
    await().atMost(LONG).until(() -> node.grid.untold("fake") == 0);
    assertThat(topic.of("a")).extracting(Message::version).isEqualTo(versions);
    assertThat(topic.of("a")).noneMatch(Message::isState);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNextOwnerTellsWhatALostOneHadNotTold(boolean changes) throws Exception {
    tellsChanges = changes;
    start(3);
    await().atMost(LONG).until(() -> nodes.stream().allMatch(node -> node.grid.isSafe()));
    Node victim = nodes.get(2);
    Node survivor = nodes.get(0);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      names.add("r" + i);
      survivor.write("r" + i, replace(1));
    }
    await().atMost(LONG).until(() -> toldUpTo(names, 1));

    victim.changelog.hold();
    for (int round = 2; round <= 3; round++) {
      for (String name : names) {
        survivor.write(name, replace(round));
      }
    }
    assertThat(names).anyMatch(victim::owns);
    victim.changelog.breakDown();
    victim.member().orElseThrow().getLifecycleService().terminate();
    links.cut(victim.id);

    await().atMost(LONG).until(() -> toldUpTo(names, 3));
    for (String name : names) {
      survivor.write(name, replace(4));
    }
    await().atMost(LONG).until(() -> toldUpTo(names, 4));
    assertVersionsNeverFall();
  }

  @Test
  void recordsThatMoveAreToldInOrderByWhomeverHasThem() throws Exception {
    start(1);
    Node first = nodes.get(0);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      names.add("r" + i);
    }
    first.changelog.hold();
    for (String name : names) {
      first.write(name, replace(1));
    }
    Node second = add();
    await().atMost(LONG).until(() -> names.stream().anyMatch(second::owns));
    first.changelog.repair();
    for (int round = 2; round <= 5; round++) {
      for (String name : names) {
        second.write(name, replace(round));
      }
    }
    await().atMost(LONG).until(() -> toldUpTo(names, 5));
    assertThat(newest()).hasSize(100);
  }

  private boolean toldUpTo(List<String> names, int version) {
    Map<String, Integer> told = new HashMap<>();
    topic.messages().forEach(message -> told.merge(message.name(), message.version(), Math::max));
    return names.stream().allMatch(name -> told.getOrDefault(name, -1) >= version);
  }

  private Map<String, String> newest() {
    Map<String, String> newest = new HashMap<>();
    for (Message message : topic.messages()) {
      JsonText data = message.data();
      newest.put(message.name(), data == null ? "" : data.text());
    }
    return newest;
  }

  private void assertVersionsNeverFall() {
    Map<String, Message> last = new HashMap<>();
    for (Message message : topic.messages()) {
      Message before = last.put(message.name(), message);
      if (before != null) {
        assertThat(message.incarnation()).isGreaterThanOrEqualTo(before.incarnation());
        if (message.incarnation() == before.incarnation()) {
          assertThat(message.version()).as(message.name()).isGreaterThanOrEqualTo(before.version());
        }
      }
    }
  }

  private static RecordCommand replace(int n) {
    String json = "{\"n\":" + n + "}";
    return new RecordCommand.Replace(
        -1, true, (ContainerNode<?>) Json.parse(json).orElseThrow(), new JsonText(json));
  }

  private void start(int size) {
    for (int i = 0; i < size; i++) {
      add();
    }
  }

  private Node add() {
    ports.add(FreePorts.next());
    Node node = new Node(ports.size() - 1);
    nodes.add(node);
    return node;
  }

  private final class Node {
    final String id = NodeId.fresh("logging");
    final FakeChangelog changelog =
        new FakeChangelog(topic, tellsChanges, name -> !name.startsWith("other/"));
    final RealLoop loop = new RealLoop();
    final Grid grid;
    final RecordStore store;

    Node(int index) {
      this.grid =
          Grid.start(
              ConfigLoader.parse(
                  """
                  server: { name: logging }
                  storage: { type: none }
                  cluster:
                    enabled: true
                    name: %s
                    host: 127.0.0.1
                    port: %d
                    members: ["127.0.0.1:%d", "127.0.0.1:%d"]
                    heartbeatTimeout: 30s
                  """
                      .formatted(cluster, ports.get(index), ports.get(0), ports.get(index))),
              new GridNode(id, Optional.empty(), links.node(id)),
              null,
              List.of(changelog),
              new FakeFollower(change -> {}),
              StorageObserver.NOBODY,
              new StorageLimits(
                  1_000, untold, 1 << 20, MemoryGauge.ofHeap(), 0, Duration.ofMinutes(2)));
      this.store = grid.store(loop);
      links.link(id);
    }

    Optional<HazelcastInstance> member() {
      return Optional.ofNullable(Hazelcast.getHazelcastInstanceByName(id));
    }

    boolean owns(String name) {
      Member owner =
          Objects.requireNonNull(Hazelcast.getHazelcastInstanceByName(id))
              .getPartitionService()
              .getPartition(name)
              .getOwner();
      return owner != null && owner.localMember();
    }

    void write(String name, RecordCommand command) throws Exception {
      CompletableFuture<WriteResult> done = new CompletableFuture<>();
      loop.execute(
          () ->
              Continuation.of(
                  store.write(new RecordName(name), command, null, true),
                  (answer, failure) -> {
                    if (failure == null) {
                      done.complete(answer);
                    } else {
                      done.completeExceptionally(failure);
                    }
                  }));
      assertThat(done.get(90, TimeUnit.SECONDS).outcome()).isInstanceOf(WriteOutcome.Applied.class);
    }
  }
}
