package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A change goes to the nodes that follow its record, and to no others. */
final class FollowedCostIT {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedCostIT.class);
  private static final int NODES = 3;
  private static final int RECORDS = Integer.getInteger("lab.records", 3_000);
  private static final String MESSAGES = "millrace_links_messages_total";
  private static final String TOPIC = "topic=\"record\"";

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void anUpdateOfARecordThatOneNodeFollowsIsAtMostOneMessage() throws Exception {
    History history = new History(System::nanoTime);
    List<String> records = IntStream.range(0, RECORDS).mapToObj(i -> "followed-" + i).toList();
    List<Client> clients = new ArrayList<>();
    try (TestCluster cluster =
        TestCluster.of(NODES, directory).heartbeatTimeout(TestCluster.PATIENT).start()) {
      List<Watcher> watchers = new ArrayList<>();
      for (int node = 0; node < NODES; node++) {
        int self = node;
        List<String> own =
            IntStream.range(0, RECORDS)
                .filter(i -> i % NODES == self)
                .mapToObj(records::get)
                .toList();
        watchers.add(new Watcher("watcher-" + node, cluster, node, own, history));
      }
      clients.addAll(watchers);
      watchers.forEach(Client::begin);
      await()
          .atMost(Duration.ofSeconds(180))
          .until(
              () ->
                  IntStream.range(0, RECORDS)
                      .allMatch(i -> watchers.get(i % NODES).hasAll(List.of(records.get(i)))));
      double before = cluster.metric(MESSAGES, TOPIC);

      PathWriter writer =
          new PathWriter(
              "w", cluster, 0, () -> records, history, PathWriter.Habit.FAST_AND_FRESH, 1);
      clients.add(writer);
      writer.beginToWrite();
      await().atMost(Duration.ofSeconds(180)).until(() -> writer.acked() > 3 * RECORDS);
      Verdict.finish(List.of(writer));
      Verdict.assertNoFaults(cluster, history);
      // What is on its way is counted already.
      double messages = cluster.metric(MESSAGES, TOPIC) - before;
      LOG.info("{} messages for {} updates", messages, writer.acked());
      // Two in three records are owned by a node that does not follow them.
      assertThat(messages).isBetween(writer.acked() * 0.5, writer.acked() * 1.0);
    } finally {
      clients.forEach(Client::close);
    }
  }
}
