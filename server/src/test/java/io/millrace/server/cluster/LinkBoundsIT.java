package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.cluster.Chatter.Line;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens to a node that others cannot, or do not, listen to. */
@Timeout(300)
final class LinkBoundsIT {
  private final SharedMembership members = new SharedMembership();

  @Test
  void aPeerThatDoesNotReadIsGivenUpWhenTooMuchWaits() {
    LinkLimits small = new LinkLimits(1 << 20, 1 << 20);
    try (LinkNode one = new LinkNode("one", LinkNode.PATIENT, small);
        LinkNode two = new LinkNode("two", LinkNode.PATIENT, small);
        CuttableProxy proxy = new CuttableProxy(two.address())) {
      two.join(members, proxy.address());
      one.join(members);
      await().until(() -> two.hears(one));
      proxy.stop();

      Line line = new Line(0, 0, "x".repeat(10_000));
      long sent = 0;
      while (one.channel.send(two.id, line)) {
        sent += one.chatter.weight(line);
        assertThat(sent).as("bytes that were taken").isLessThan(64 << 20);
      }

      await().until(() -> one.count.endsFor(StreamEnd.FULL) == 1);
      await().until(() -> !two.hears(one));
      proxy.mend();
      await().until(() -> two.hears(one) && two.chatter.left.size() == 1);
    }
  }

  @Test
  void silenceEndsAStreamAtBothEnds() {
    String impatient = "name: test, heartbeatTimeout: 8s";
    try (LinkNode one = new LinkNode("one", impatient, LinkNode.LIMITS);
        LinkNode two = new LinkNode("two", impatient, LinkNode.LIMITS);
        CuttableProxy proxy = new CuttableProxy(two.address())) {
      two.join(members, proxy.address());
      one.join(members);
      await().until(() -> two.hears(one) && one.hears(two));

      proxy.stop();

      await().until(() -> !two.hears(one));
      await().until(() -> one.count.endsFor(StreamEnd.SILENT) > 0);
      await().until(() -> two.count.endsFor(StreamEnd.SILENT) > 0);
      assertThat(two.chatter.left).containsExactly(one.id);
      assertThat(one.hears(two)).as("the other direction").isTrue();
    }
  }

  /** Then its loops have a bounded number of bytes to do, and the rest waits at the sender's. */
  @Test
  void aNodeWhoseLoopsAreBusyStopsReading() {
    CountDownLatch busy = new CountDownLatch(1);
    try (LinkNode one = new LinkNode("one", LinkNode.PATIENT, LinkNode.LIMITS);
        LinkNode two = new LinkNode("two", LinkNode.PATIENT, LinkNode.LIMITS)) {
      two.join(members);
      one.join(members);
      await().until(() -> two.hears(one));
      // Not the link loop, which is the first.
      two.loops.get(1).execute(() -> waitFor(busy));
      int lines = 5_000;
      try {
        for (int i = 0; i < lines; i++) {
          assertThat(one.channel.send(two.id, new Line(0, i, "x".repeat(10_000)))).isTrue();
        }
        await().until(() -> two.chatter.count() > 1_500);
        await().during(Duration.ofSeconds(1)).until(() -> two.chatter.count() < 2_100);
      } finally {
        // A loop that is busy for ever cannot be closed.
        busy.countDown();
      }
      await().until(() -> two.chatter.count() == lines);
      assertThat(two.chatter.left).isEmpty();
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
