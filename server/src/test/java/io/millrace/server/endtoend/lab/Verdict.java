package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.endtoend.RecordReader;
import io.millrace.server.endtoend.lab.History.Final;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** What there is to say of records when writing has stopped and the cluster is whole. */
final class Verdict {
  private static final Duration QUIET = Duration.ofSeconds(120);
  private static final Duration POLL = Duration.ofMillis(200);

  private Verdict() {}

  /** Stops the writers; returns when each knows what became of its writes. */
  static void finish(Collection<PathWriter> writers) {
    writers.forEach(PathWriter::finish);
    await()
        .atMost(QUIET)
        .pollInterval(POLL)
        .until(() -> writers.stream().allMatch(PathWriter::isFinished));
  }

  /**
   * P3, and then all that the history tells: waits until all watchers have what every node answers;
   * after {@link #QUIET}, that they do not is a fault.
   */
  static void judge(
      TestCluster cluster, History history, List<String> records, Collection<Watcher> watchers) {
    judge(cluster, history, records, watchers, QUIET);
  }

  /**
   * As that, with less patience: where a difference is expected.
   *
   * @param patience much longer than it takes without a fault until all are the same
   */
  static void judge(
      TestCluster cluster,
      History history,
      List<String> records,
      Collection<Watcher> watchers,
      Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Map<String, Map<String, Final>> finals = Map.of();
      String difference;
      try {
        finals = read(cluster, records);
        difference = difference(finals, watchers);
      } catch (RuntimeException | AssertionError noAnswer) {
        difference = "a node cannot be read: " + noAnswer;
      }
      if (difference.isEmpty() || System.nanoTime() > end) {
        if (!difference.isEmpty()) {
          history.fault(difference, "P3");
        }
        history.judge(finals);
        return;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** By node and record. */
  static Map<String, Map<String, Final>> read(TestCluster cluster, List<String> records) {
    Map<String, Map<String, Final>> finals = new TreeMap<>();
    for (int node = 0; node < cluster.size(); node++) {
      Map<String, Final> states = new TreeMap<>();
      try (RecordReader reader = new RecordReader(cluster.uri(node))) {
        for (String record : records) {
          RecordReader.State state = reader.read(record);
          if (state.version() != RecordReader.MISSING) {
            states.put(record, new Final(state.version(), Watcher.flat(state.data())));
          }
        }
      }
      finals.put("node " + node, states);
    }
    return finals;
  }

  private static String difference(
      Map<String, Map<String, Final>> finals, Collection<Watcher> watchers) {
    Map<String, Final> first = finals.values().iterator().next();
    for (Map.Entry<String, Map<String, Final>> node : finals.entrySet()) {
      for (Map.Entry<String, Final> each : first.entrySet()) {
        if (!each.getValue().equals(node.getValue().get(each.getKey()))) {
          return node.getKey() + " reads another state of " + each.getKey();
        }
      }
      if (node.getValue().size() != first.size()) {
        return node.getKey() + " has " + node.getValue().keySet() + ", not " + first.keySet();
      }
    }
    for (Watcher watcher : watchers) {
      for (Map.Entry<String, Final> each : first.entrySet()) {
        String difference = watcher.difference(each.getKey(), each.getValue());
        if (!difference.isEmpty()) {
          return difference;
        }
      }
    }
    return "";
  }

  static void assertNoFaults(TestCluster cluster, History history) {
    assertThat(history.faults()).as("%s\n%s", history, cluster.lastWords()).isEmpty();
  }
}
