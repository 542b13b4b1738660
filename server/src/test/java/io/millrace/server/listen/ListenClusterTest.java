package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.listen.ListenRig.Socket;
import io.millrace.server.transport.ManualEventLoops;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Listening on three nodes, step by step. */
final class ListenClusterTest {
  private static final String PATTERN = "a/.*";

  private final ListenCluster cluster = new ListenCluster(ListenTopic.RECORD, 1, 3);
  private final Socket viewer = cluster.nodes().get(0).socket(0);
  private final Socket one = cluster.nodes().get(1).socket(0);
  private final Socket two = cluster.nodes().get(2).socket(1);

  /** So many that every node coordinates some. */
  private final String[] names =
      IntStream.range(0, 30).mapToObj(i -> "a/" + i).toArray(String[]::new);

  @Test
  void whereNobodyListensNothingIsSaid() {
    viewer.subscribes(names).unsubscribes(names[0]);
    assertThat(cluster.settleAndCount()).isZero();
    one.listens(PATTERN);
    assertThat(cluster.settleAndCount()).isPositive();
    assertThat(matches(one, true)).hasSize(names.length - 1);
  }

  @Test
  void aProviderOnAnotherNodeIsFoundToldOfAndRemoved() {
    one.listens(PATTERN);
    settle();
    two.listens(PATTERN);
    settle();
    viewer.subscribes(names);
    settle();
    assertThat(matches(one, true)).containsExactlyInAnyOrder(names);
    assertThat(matches(two, true)).isEmpty();
    acceptAll(one);
    assertThat(states(viewer, true)).containsExactlyInAnyOrder(names);
    Socket later = cluster.nodes().get(2).socket(0).subscribes(names);
    settle();
    assertThat(states(later, true)).containsExactlyInAnyOrder(names);
    viewer.unsubscribes(names);
    settle();
    assertThat(matches(one, false)).isEmpty();
    later.unsubscribes(names);
    settle();
    assertThat(matches(one, false)).containsExactlyInAnyOrder(names);
  }

  @Test
  void aProviderOutlivesItsCoordinatorAndABrokenLink() {
    one.listens(PATTERN);
    settle();
    viewer.subscribes(names);
    settle();
    acceptAll(one);
    two.listens(PATTERN);
    settle();
    viewer.subscriber.take();
    one.subscriber.take();
    two.subscriber.take();
    cluster.cut(0, 1);
    settle();
    cluster.heal();
    settle();
    cluster.pass();
    settle();
    cluster.kill(2);
    settle();
    cluster.pass();
    settle();
    assertThat(viewer.subscriber.take()).isEmpty();
    assertThat(one.subscriber.take()).isEmpty();
    assertThat(two.subscriber.take()).isEmpty();
    viewer.unsubscribes(names);
    settle();
    assertThat(matches(one, false)).containsExactlyInAnyOrder(names);
  }

  @Test
  void whatWasSaidToFormerSubscribersIsNotToldToNewOnes() {
    String[] far =
        Stream.of(names).filter(name -> !cluster.isCoordinatedBy(0, name)).toArray(String[]::new);
    one.listens(PATTERN);
    settle();
    viewer.subscribes(far);
    settle();
    acceptAll(one, far, () -> cluster.settleBut(0));
    viewer.unsubscribes(far);
    cluster.settleBut(0);
    viewer.subscribes(far);
    settle();
    for (String name : far) {
      one.rejects(PATTERN, name);
    }
    settle();
    assertThat(states(viewer, true)).isEmpty();
  }

  /** Else a question may come to a loop that has not heard of the listener, and is lost. */
  @Test
  void aListenerIsAnnouncedWhenAllLoopsOfItsNodeKnowIt() {
    viewer.subscribes(names);
    settle();
    one.listens(PATTERN);
    ManualEventLoops loops = cluster.nodes().get(1).loops;
    while (loops.busy().contains(0)) {
      loops.runOne(0);
    }
    assertThat(cluster.isAnythingOnItsWay()).isFalse();
    settle();
    assertThat(matches(one, true)).containsExactlyInAnyOrder(names);
  }

  @Test
  void whoCouldNotBeAskedIsAskedWhenItCanBeReachedAgain() {
    viewer.subscribes(names);
    settle();
    cluster.cutOneWay(0, 1);
    cluster.cutOneWay(2, 1);
    one.listens(PATTERN);
    settle();
    cluster.advance(ListenRig.RESPONSE_TIMEOUT);
    settle();
    one.subscriber.take();
    cluster.heal();
    settle();
    cluster.pass();
    settle();
    String[] far =
        Stream.of(names).filter(name -> !cluster.isCoordinatedBy(1, name)).toArray(String[]::new);
    assertThat(matches(one, true)).contains(far);
  }

  @Test
  void theListenersOfANodeThatDiesAreFollowedByOthers() {
    one.listens(PATTERN);
    settle();
    viewer.subscribes(names);
    settle();
    acceptAll(one);
    two.listens(PATTERN);
    settle();
    cluster.kill(1);
    settle();
    cluster.pass();
    settle();
    assertThat(matches(two, true)).containsExactlyInAnyOrder(names);
    acceptAll(two);
    settle();
    viewer.subscriber.take();
    viewer.unsubscribes(names);
    settle();
    assertThat(matches(two, false)).containsExactlyInAnyOrder(names);
  }

  private void settle() {
    cluster.settle();
  }

  private void acceptAll(Socket listener) {
    acceptAll(listener, names, this::settle);
  }

  private static void acceptAll(Socket listener, String[] all, Runnable settle) {
    for (String name : all) {
      listener.accepts(PATTERN, name);
    }
    settle.run();
  }

  private static List<String> matches(Socket socket, boolean found) {
    RecordAction wanted =
        found
            ? RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND
            : RecordAction.SUBSCRIPTION_FOR_PATTERN_REMOVED;
    return socket.subscriber.take().stream()
        .filter(message -> message.action() == wanted)
        .map(message -> ((RecordPush.PatternMatch) message).subscription())
        .toList();
  }

  private static List<String> states(Socket socket, boolean provided) {
    RecordAction wanted =
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER;
    return socket.subscriber.take().stream()
        .filter((ServerMessage message) -> message.action() == wanted)
        .map(message -> ((RecordPush.ProviderState) message).name())
        .map(RecordName::value)
        .toList();
  }
}
