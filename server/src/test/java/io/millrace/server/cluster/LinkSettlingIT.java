package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.cluster.Chatter.Line;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting until other nodes have done what they were told. */
@Timeout(300)
final class LinkSettlingIT {
  private final SharedMembership members = new SharedMembership();
  private final LinkNode one = new LinkNode("one");
  private final LinkNode two = new LinkNode("two");
  private final CuttableProxy proxy = new CuttableProxy(two.address());

  /** Lines that were done on the second node, by the loop that they were queued to. */
  private final List<AtomicLong> done = List.of(new AtomicLong(), new AtomicLong());

  @BeforeEach
  void link() {
    two.chatter.onLine =
        (node, line) -> two.loops.get((int) (line.number() % 2)).execute(() -> take(line));
    two.join(members, proxy.address());
    one.join(members);
    await().until(() -> two.hears(one) && one.hears(two));
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    proxy.close();
  }

  /** Slowly, so that an answer that does not wait for the loops comes too early. */
  private void take(Line line) {
    LockSupport.parkNanos(50_000);
    done.get((int) (line.number() % 2)).incrementAndGet();
  }

  private long doneLines() {
    return done.get(0).get() + done.get(1).get();
  }

  @Test
  void whoHasSettledKnowsThatTheOtherNodesLoopsHaveDoneIt() {
    int rounds = 200;
    List<String> early = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger settled = new AtomicInteger();
    EventLoop loop = one.loops.get(1);
    for (int round = 1; round <= rounds; round++) {
      // Nobody is waited for for ever: not more at once than is done in a moment.
      int enough = round - 20;
      await().until(() -> settled.get() >= enough);
      int sofar = round * 20;
      loop.execute(
          () -> {
            for (int i = 0; i < 20; i++) {
              one.channel.sendToAll(new Line(0, i));
            }
            one.links.settle(
                loop,
                () -> {
                  settled.incrementAndGet();
                  if (doneLines() < sofar || !loop.inLoop()) {
                    early.add("after " + doneLines() + " of " + sofar);
                  }
                });
          });
    }

    await().until(() -> settled.get() == rounds);
    assertThat(early).isEmpty();
  }

  @Test
  void thoseWhoWaitAreCalledBackInTheirOrderAlsoWhenTheStreamIsCut() {
    int callers = 2_000;
    List<Integer> called = Collections.synchronizedList(new ArrayList<>());
    EventLoop loop = one.loops.get(1);
    for (int i = 0; i < callers; i++) {
      int caller = i;
      loop.execute(
          () -> {
            one.channel.sendToAll(new Line(0, caller));
            one.links.settle(loop, () -> called.add(caller));
          });
      if (caller % 200 == 100) {
        proxy.cut();
      }
    }

    await().until(() -> called.size() == callers);
    assertThat(called).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aNodeThatDoesNotAnswerIsNotWaitedForLong() {
    proxy.stop();
    AtomicInteger settled = new AtomicInteger();
    EventLoop loop = one.loops.get(0);
    loop.execute(() -> one.links.settle(loop, settled::incrementAndGet));

    await().until(() -> settled.get() == 1);
    proxy.mend();
    await().until(() -> two.chatter.left.size() == 1);
    assertThat(settled).hasValue(1);
  }

  @Test
  void whoHasNobodyToWaitForGoesOnAtOnce() {
    members.leave(two.id);
    await().until(() -> !two.hears(one));
    AtomicInteger order = new AtomicInteger();
    EventLoop loop = one.loops.get(0);
    loop.execute(
        () -> {
          one.links.settle(loop, () -> order.compareAndSet(0, 1));
          order.compareAndSet(1, 2);
        });
    await().until(() -> order.get() == 2);
  }
}
