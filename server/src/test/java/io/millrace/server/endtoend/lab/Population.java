package io.millrace.server.endtoend.lab;

import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.testkit.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster and all who live on it: on every node writers, a watcher, a provider and a caller of
 * procedures, one who emits events; and a Host.
 */
final class Population implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Population.class);
  private static final int RECORDS = 8;
  private static final String TOPIC = "lab-deltas";
  private static final Duration QUIET = Duration.ofSeconds(120);

  /** Records grow with each write; so others are written after a while. */
  private static final long GENERATION_NS = TimeUnit.SECONDS.toNanos(60);

  private static final PathWriter.Habit HABIT =
      new PathWriter.Habit(8, TimeUnit.MILLISECONDS.toNanos(20), 20, 15);

  private final History history = new History(System::nanoTime);
  private final EmbeddedKafka kafka;
  private final TestCluster cluster;
  private final HostStream host;
  private final List<Client> clients = new ArrayList<>();
  private final List<PathWriter> writers = new ArrayList<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<RpcProvider> providers = new ArrayList<>();
  private final List<RpcCaller> callers = new ArrayList<>();
  private final List<EventClient> emitters = new ArrayList<>();
  private final List<String> counted = IntStream.range(0, 4).mapToObj(i -> "counted-" + i).toList();
  private final List<String> records = new CopyOnWriteArrayList<>();
  private volatile List<String> current = List.of();
  private long nextGeneration = System.nanoTime() + GENERATION_NS;
  private int generation;

  private Population(EmbeddedKafka kafka, TestCluster cluster, long seed) {
    this.kafka = kafka;
    this.cluster = cluster;
    this.host = new HostStream(kafka.bootstrapServers(), TOPIC, counted, history, seed);
    records.addAll(counted);
    for (int node = 0; node < cluster.size(); node++) {
      watchers.add(new Watcher("watcher-" + node, cluster, node, counted, history));
      for (int i = 0; i < 2; i++) {
        String name = "w" + node + "" + i;
        writers.add(
            new PathWriter(
                name, cluster, node, () -> current, history, HABIT, seed + node * 2L + i));
      }
      providers.add(new RpcProvider("provider-" + node, cluster, node, "echo", history));
      callers.add(new RpcCaller("caller-" + node, cluster, node, "echo", history));
      emitters.add(new EventClient("emitter-" + node, cluster, node, "lab/event", history));
    }
    for (List<? extends Client> kind : List.of(watchers, writers, providers, callers, emitters)) {
      clients.addAll(kind);
    }
  }

  static Population start(int nodes, Path directory, long seed) throws IOException {
    EmbeddedKafka kafka = EmbeddedKafka.start();
    try {
      kafka.createTopic(TOPIC, 3);
      TestCluster cluster =
          TestCluster.of(nodes, directory)
              .yaml(
                  "kafka: { bootstrapServers: \"%s\", properties: { session.timeout.ms: 6000, heartbeat.interval.ms: 500 }, sources: [%s] }"
                      .formatted(kafka.bootstrapServers(), HostStream.SOURCE.formatted(TOPIC)))
              .yaml("rpc: { ackTimeout: 2s, responseTimeout: 4s }")
              .start();
      Population population = new Population(kafka, cluster, seed);
      population.begin();
      return population;
    } catch (RuntimeException | AssertionError e) {
      kafka.close();
      throw e;
    }
  }

  private void begin() {
    watchers.forEach(Client::begin);
    await()
        .atMost(QUIET)
        .until(() -> watchers.stream().allMatch(watcher -> watcher.hasAll(counted)));
    renewRecords();
    providers.forEach(Client::begin);
    writers.forEach(PathWriter::beginToWrite);
    callers.forEach(RpcCaller::beginToCall);
    emitters.forEach(EventClient::beginToEmit);
    host.begin();
  }

  TestCluster cluster() {
    return cluster;
  }

  History history() {
    return history;
  }

  void liveFor(Duration time) {
    LockSupport.parkNanos(time.toNanos());
    if (System.nanoTime() > nextGeneration) {
      nextGeneration = System.nanoTime() + GENERATION_NS;
      renewRecords();
    }
  }

  private void renewRecords() {
    List<String> next = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      next.add("chaos-" + generation + "-" + i);
    }
    generation++;
    records.addAll(next);
    next.forEach(record -> watchers.forEach(watcher -> watcher.follow(record)));
    // All is well now. A record that is created while an owner is lost may be created once more,
    // and versions begin again; a history cannot tell such lives apart.
    await().atMost(QUIET).until(() -> watchers.stream().allMatch(watcher -> watcher.hasAll(next)));
    current = next;
  }

  /** What must be right again soon after the cluster is whole: nobody is a ghost, or missing. */
  void checkWhileWhole() {
    Roll.call(cluster, history, clients);
  }

  /** All stop, and what remains is judged. */
  void finish() throws Exception {
    host.finish();
    callers.forEach(RpcCaller::finish);
    emitters.forEach(EventClient::finish);
    Verdict.finish(writers);
    await().atMost(QUIET).until(() -> callers.stream().allMatch(RpcCaller::isFinished));
    cluster.awaitWhole();
    await().atMost(QUIET).until(() -> clients.stream().allMatch(Client::isConnected));
    awaitIngest();
    Verdict.judge(cluster, history, records, watchers);
    checkDeadLetters();
    checkWhileWhole();
    checkCallsFromEverywhere();
    EventClient.awaitEachHearsEach("in the end", emitters, QUIET);
  }

  /** A delta that is missing in the end is found by the verdict; so this only waits. */
  private void awaitIngest() {
    long end = System.nanoTime() + QUIET.toNanos();
    while (System.nanoTime() < end
        && cluster.metric("millrace_ingest_lag") + cluster.metric("millrace_ingest_inflight_bytes")
            > 0) {
      LockSupport.parkNanos(200_000_000);
    }
  }

  private void checkDeadLetters() {
    List<String> expected = host.bad();
    if (!expected.isEmpty()) {
      List<String> letters = HostStream.deadLetters(kafka.bootstrapServers(), TOPIC);
      LOG.info("{} dead letters of {} bad deltas", letters.size(), expected.size());
      // A letter may come twice, with the same place of origin in its headers: the node that wrote
      // it may die before it says how far it has read.
      if (!new TreeSet<>(letters).equals(new TreeSet<>(expected))) {
        history.fault("dead letters " + letters + ", not " + expected, "P5");
      }
    }
  }

  private void checkCallsFromEverywhere() {
    for (int node = 0; node < cluster.size(); node++) {
      RpcCaller caller = new RpcCaller("last-" + node, cluster, node, "echo", history);
      try (caller) {
        caller.beginToCall();
        await().atMost(QUIET).until(() -> caller.successes() > 10);
      }
    }
  }

  @Override
  public String toString() {
    Map<RecordAction, Integer> failures = new EnumMap<>(RecordAction.class);
    writers.forEach(w -> w.failures().forEach((k, n) -> failures.merge(k, n, Integer::sum)));
    return "%s; failed writes %s; %s; %d deltas, %d of them bad; events heard %s"
        .formatted(
            history,
            failures,
            callers,
            host.sent(),
            host.bad().size(),
            emitters.stream().map(EventClient::heard).toList());
  }

  @Override
  public void close() {
    clients.forEach(Client::close);
    host.close();
    cluster.close();
    kafka.close();
  }
}
