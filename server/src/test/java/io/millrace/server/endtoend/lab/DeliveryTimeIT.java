package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long it takes from a write on one node to a subscriber of another one. Prints it: what it is
 * depends on the machine, and on what else runs there. {@code -Dlab.changes=2000} for more.
 */
final class DeliveryTimeIT {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryTimeIT.class);
  private static final int WARM_UP = 200;
  private static final int CHANGES = Integer.getInteger("lab.changes", 300);
  private static final long PAUSE_NS = 2_000_000;

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void aChangeReachesTheSubscriberOfAnotherNode() throws Exception {
    // Records of different owners: writer's node, subscriber's node, the third.
    List<RecordName> names = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      names.add(new RecordName("timed-" + i));
    }
    try (TestCluster cluster =
            TestCluster.of(3, directory).heartbeatTimeout(TestCluster.PATIENT).start();
        ScriptedClient writer = ScriptedClient.connect(cluster.uri(0)).login();
        ScriptedClient follower = ScriptedClient.connect(cluster.uri(1)).login()) {
      follower.send(new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "0"));
      names.forEach(unused -> follower.await(RecordPush.ReadResponse.class));
      List<Long> times = new ArrayList<>();
      for (int i = 0; i < WARM_UP + CHANGES; i++) {
        RecordName name = names.get(i % names.size());
        long sent = System.nanoTime();
        writer.send(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                name,
                -1,
                "n",
                new JsonText(Integer.toString(i)),
                WriteAckRequest.NONE));
        assertThat(follower.await(RecordPush.Patch.class).name()).isEqualTo(name);
        if (i >= WARM_UP) {
          times.add(System.nanoTime() - sent);
        }
        LockSupport.parkNanos(PAUSE_NS);
      }
      Collections.sort(times);
      LOG.info(
          "from a write on one node to a subscriber on another: median {} ms, 90 % within {} ms,"
              + " {} changes",
          times.get(times.size() / 2) / 1e6, times.get(times.size() * 9 / 10) / 1e6, times.size());
      assertThat(times).hasSize(CHANGES);
    }
  }
}
