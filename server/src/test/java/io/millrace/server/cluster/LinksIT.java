package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.cluster.Chatter.Heard;
import io.millrace.server.cluster.Chatter.Line;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links over real sockets. */
@Timeout(300)
final class LinksIT {
  private final SharedMembership members = new SharedMembership();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    Collections.reverse(open);
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private LinkNode node(String name) {
    LinkNode node = new LinkNode(name);
    open.add(node);
    return node;
  }

  private CuttableProxy proxyTo(LinkNode node) {
    CuttableProxy proxy = new CuttableProxy(node.address());
    open.add(proxy);
    return proxy;
  }

  @Test
  void whatEachThreadSaysArrivesInItsOrderAtEveryNode() throws Exception {
    int threads = 8;
    int lines = 12_500;
    LinkNode one = node("one");
    LinkNode two = node("two");
    LinkNode three = node("three");
    List.of(one, two, three).forEach(node -> node.join(members));
    await().until(() -> two.hears(one) && three.hears(one));

    List<Thread> speakers = new ArrayList<>();
    for (int speaker = 0; speaker < threads; speaker++) {
      int id = speaker;
      speakers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int number = 0; number < lines; number++) {
                      one.channel.sendToAll(new Line(id, number, "ü".repeat(number % 50)));
                    }
                  }));
    }
    for (Thread speaker : speakers) {
      speaker.join();
    }

    for (LinkNode listener : List.of(two, three)) {
      await().until(() -> listener.chatter.count() == (long) threads * lines);
      assertThat(listener.chatter.streamsOf(one.id)).hasSize(1);
      List<Line> heard = listener.chatter.streamsOf(one.id).getFirst().lines();
      for (int speaker = 0; speaker < threads; speaker++) {
        int id = speaker;
        assertThat(heard.stream().filter(line -> line.speaker() == id).map(Line::number))
            .containsExactlyElementsOf(LongStream.range(0, lines).boxed().toList());
      }
    }
    assertThat(one.count.messages()).isEqualTo(2 * threads * lines);
  }

  /** After each beginning of a stream a run of lines is said, until the next beginning. */
  @Test
  void whatIsHeardOfAStreamIsAPrefixOfWhatWasSaidOnIt() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    LinkNode one = node("one");
    LinkNode two = node("two");
    CuttableProxy proxy = proxyTo(two);
    AtomicLong run = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    one.chatter.onJoined =
        node -> {
          long current = run.incrementAndGet();
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (long number = 0; run.get() == current && !over.get(); number++) {
                      one.channel.send(two.id, new Line((int) current, number, "x".repeat(300)));
                      if (number % 50 == 49) {
                        LockSupport.parkNanos(10_000);
                      }
                    }
                  });
        };
    two.join(members, proxy.address());
    one.join(members);

    int cuts = 8;
    for (int cut = 1; cut <= cuts; cut++) {
      long enough = two.chatter.count() + random.nextInt(2_000);
      int ups = cut;
      await().until(() -> one.chatter.joined.size() >= ups && two.chatter.count() > enough);
      proxy.cut();
      await().until(() -> two.chatter.left.size() >= ups);
    }
    await().until(() -> one.chatter.joined.size() > cuts && two.hears(one));
    over.set(true);
    Line end = new Line(-1, 0);
    one.channel.send(two.id, end);
    await().until(() -> two.chatter.streamsOf(one.id).getLast().lines().contains(end));

    long before = 0;
    for (Heard stream : two.chatter.streamsOf(one.id)) {
      long current = stream.lines().stream().mapToInt(Line::speaker).max().orElse(0);
      assertThat(current).as("a new run in each stream, seed %d", seed).isGreaterThan(before);
      before = current;
      List<Long> numbers =
          stream.lines().stream()
              .filter(line -> line.speaker() == current)
              .map(Line::number)
              .toList();
      assertThat(numbers)
          .as("run %d, seed %d", current, seed)
          .isEqualTo(LongStream.range(0, numbers.size()).boxed().toList());
    }
  }

  @Test
  void everyEndOfAStreamIsToldOnceAndBeforeTheNextOneBegins() {
    LinkNode one = node("one");
    LinkNode two = node("two");
    CuttableProxy proxy = proxyTo(two);
    two.join(members, proxy.address());
    one.join(members);

    for (int round = 1; round <= 5; round++) {
      int ups = round;
      await().until(() -> one.chatter.joined.size() == ups && two.hears(one));
      one.channel.send(two.id, new Line(0, round));
      await().until(() -> two.chatter.count() == ups);
      assertThat(two.chatter.left).hasSize(round - 1);
      proxy.cut();
    }

    await().until(() -> one.chatter.joined.size() == 6);
    assertThat(two.chatter.left).hasSize(5).containsOnly(one.id);
    assertThat(two.chatter.streamsOf(one.id)).hasSize(5);
    assertThat(one.chatter.left).as("the other direction was never cut").isEmpty();
  }

  @Test
  void aMemberThatLeavesIsHeardNoMoreAndOneThatComesIs() {
    LinkNode one = node("one");
    LinkNode two = node("two");
    one.join(members);
    two.join(members);
    await().until(() -> two.hears(one) && one.hears(two));

    members.leave(two.id);

    await().until(() -> one.chatter.left.equals(List.of(two.id)) && !two.hears(one));
    await().until(() -> two.chatter.left.equals(List.of(one.id)) && !one.hears(two));

    members.join(two.id, two.address());

    await().until(() -> two.hears(one) && one.hears(two));
    assertThat(one.chatter.joined).containsExactly(two.id, two.id);
  }

  @Test
  void aNodeThatStopsIsLeftAtOnce() {
    LinkNode one = node("one");
    LinkNode two = node("two");
    one.join(members);
    two.join(members);
    await().until(() -> two.hears(one) && one.hears(two));

    two.links.close();

    await().until(() -> one.chatter.left.equals(List.of(two.id)));
    assertThat(one.channel.send(two.id, new Line(0, 0))).isFalse();
  }
}
