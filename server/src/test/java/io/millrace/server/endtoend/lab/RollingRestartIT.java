package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.testkit.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P8: every node is restarted once, one after the other, under load. No write is lost that was
 * acknowledged, or that went out before the client was told to go; no call fails; nobody loses the
 * connection more than once, or is turned away.
 */
final class RollingRestartIT {
  private static final Logger LOG = LoggerFactory.getLogger(RollingRestartIT.class);
  private static final int NODES = 3;
  private static final Duration QUIET = Duration.ofSeconds(120);
  private static final List<String> RECORDS =
      IntStream.range(0, 30).mapToObj(i -> "rolling-" + i).toList();

  private final History history = new History(System::nanoTime);
  private final List<Client> clients = new ArrayList<>();
  private final List<PathWriter> writers = new ArrayList<>();
  private final List<PlainWriter> plainWriters = new ArrayList<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<RpcProvider> providers = new ArrayList<>();
  private final List<RpcCaller> callers = new ArrayList<>();
  private final List<PresenceWatcher> doorkeepers = new ArrayList<>();

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void aRollingRestartCostsNobodyMoreThanOneReconnect() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        TestCluster cluster =
            TestCluster.of(NODES, directory)
                .heartbeatTimeout(TestCluster.PATIENT)
                .yaml("rpc: { ackTimeout: 20s, responseTimeout: 30s }")
                .storage(
                    "{ type: postgres, url: \"%s\", user: %s, password: \"%s\" }"
                        .formatted(postgres.url(), postgres.user(), postgres.password()))
                .start()) {
      populate(cluster);
      for (int node = 0; node < NODES; node++) {
        restart(cluster, node);
      }
      finish(cluster);

      LOG.info("{}; {}", history, callers);
      Verdict.assertNoFaults(cluster, history);
      assertThat(callers).as("%s", callers).allMatch(caller -> caller.failures() == 0);
      assertThat(callers).allMatch(caller -> caller.successes() > 0);
      assertThat(writers).allMatch(writer -> writer.acked() > 0);
      for (PathWriter writer : writers) {
        // Some want a version that others have made; and one write each may be cut off.
        assertThat(writer.failures().keySet())
            .isSubsetOf(
                RecordAction.INVALID_VERSION,
                RecordAction.VERSION_EXISTS,
                RecordAction.RECORD_UPDATE_ERROR);
      }
      assertThat(plainWriters).allMatch(writer -> writer.sent() > 0);
    } finally {
      clients.forEach(Client::close);
    }
  }

  private void populate(TestCluster cluster) {
    PathWriter.Habit habit = new PathWriter.Habit(8, TimeUnit.MILLISECONDS.toNanos(20), 20, 10);
    for (int node = 0; node < NODES; node++) {
      watchers.add(new Watcher("watcher-" + node, cluster, node, RECORDS, history));
      doorkeepers.add(new PresenceWatcher("doorkeeper-" + node, cluster, node, history));
      writers.add(new PathWriter("w" + node, cluster, node, () -> RECORDS, history, habit, node));
      plainWriters.add(new PlainWriter("plain" + node, cluster, node, RECORDS, history));
      providers.add(new RpcProvider("provider-" + node, cluster, node, "echo", history));
      providers.add(
          new RpcProvider(
              "thinker-" + node, cluster, node, "think", Duration.ofMillis(300), history));
      callers.add(
          new RpcCaller("caller-" + node, cluster, node, "echo", history).oneAfterTheOther());
      callers.add(
          new RpcCaller("questioner-" + node, cluster, node, "think", history).oneAfterTheOther());
    }
    for (List<? extends Client> kind :
        List.of(watchers, doorkeepers, writers, plainWriters, providers, callers)) {
      clients.addAll(kind);
    }
    watchers.forEach(Client::begin);
    await().atMost(QUIET).until(() -> watchers.stream().allMatch(each -> each.hasAll(RECORDS)));
    doorkeepers.forEach(Client::begin);
    providers.forEach(Client::begin);
    await().atMost(QUIET).until(() -> providers.stream().allMatch(Client::isConnected));
    await().atMost(QUIET).until(() -> Roll.difference(cluster, List.copyOf(clients)).isEmpty());
    writers.forEach(PathWriter::beginToWrite);
    plainWriters.forEach(PlainWriter::beginToWrite);
    callers.forEach(RpcCaller::beginToCall);
    awaitProgress();
  }

  /** Everybody gets something done. */
  private void awaitProgress() {
    Map<Client, Integer> before = new HashMap<>();
    writers.forEach(each -> before.put(each, each.acked()));
    plainWriters.forEach(each -> before.put(each, each.sent()));
    callers.forEach(each -> before.put(each, each.successes()));
    await()
        .atMost(QUIET)
        .until(
            () ->
                writers.stream().allMatch(each -> each.acked() > before.getOrDefault(each, 0) + 50)
                    && plainWriters.stream()
                        .allMatch(each -> each.sent() > before.getOrDefault(each, 0) + 200)
                    && callers.stream()
                        .allMatch(each -> each.successes() > before.getOrDefault(each, 0) + 5));
  }

  private void restart(TestCluster cluster, int node) {
    Map<Client, Integer> sittings = new HashMap<>();
    Map<Client, Integer> inVain = new HashMap<>();
    clients.forEach(
        each -> {
          sittings.put(each, each.sitting());
          inVain.put(each, each.attemptsInVain());
        });
    Map<RpcCaller, Integer> cutOff = new HashMap<>();
    callers.forEach(each -> cutOff.put(each, each.cutOff()));
    doorkeepers.forEach(PresenceWatcher::takeLeaves);

    long begun = System.nanoTime();
    OptionalInt code = cluster.stop(node);
    LOG.info("node {} ended after {} ms", node, (System.nanoTime() - begun) / 1_000_000);
    assertThat(code).as("exit code of node %d\n%s", node, cluster.lastWords()).hasValue(0);
    assertThat(clients).as("back before the node has gone").allMatch(Client::isConnected);
    cluster.start(node);
    cluster.awaitWhole();
    awaitProgress();

    for (Client client : clients) {
      assertThat(client.sitting() - sittings.getOrDefault(client, 0))
          .as("how often %s lost its connection", client.name())
          .isLessThanOrEqualTo(1);
      assertThat(client.attemptsInVain() - inVain.getOrDefault(client, 0))
          .as("how often %s was turned away", client.name())
          .isZero();
    }
    for (RpcCaller caller : callers) {
      // What it asks while the word that it is to go is on its way cannot be answered any more.
      assertThat(caller.cutOff() - cutOff.getOrDefault(caller, 0))
          .as("%s", caller)
          .isLessThanOrEqualTo(1);
    }
    for (PresenceWatcher doorkeeper : doorkeepers) {
      assertThat(doorkeeper.takeLeaves().values()).allMatch(times -> times == 1);
    }
  }

  private void finish(TestCluster cluster) throws InterruptedException {
    callers.forEach(RpcCaller::finish);
    Verdict.finish(writers);
    for (PlainWriter writer : plainWriters) {
      writer.finish();
    }
    await().atMost(QUIET).until(() -> callers.stream().allMatch(RpcCaller::isFinished));
    cluster.awaitWhole();
    Verdict.judge(cluster, history, RECORDS, watchers);
    Roll.call(cluster, history, clients);
  }
}
