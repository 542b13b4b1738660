package io.millrace.server.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Publish and subscribe over three nodes. */
final class EventClusterTest {
  private final EventCluster cluster = new EventCluster();
  private final EventCluster.Node one = cluster.start();
  private final EventCluster.Node two = cluster.start();
  private final EventCluster.Node three = cluster.start();
  private final EventCluster.Client ann = one.client();
  private final EventCluster.Client bob = two.client();
  private final EventCluster.Client bea = two.client();

  EventClusterTest() {
    cluster.nodes.linkAll();
    cluster.nodes.runAll();
  }

  @Test
  void anEventGoesOnceToEachNodeWithSubscribersAndToNoOther() {
    ann.subscribes(List.of("e"), "1");
    bob.subscribes(List.of("e"), "2");
    bea.subscribes(List.of("e"), "3");
    cluster.nodes.runAll();
    assertThat(bob.hears()).containsExactly("2");
    assertThat(bea.hears()).containsExactly("3");
    int before = cluster.nodes.delivered();

    ann.emits("e", "1");
    cluster.nodes.runAll();

    assertThat(cluster.nodes.delivered() - before).isEqualTo(1);
    assertThat(ann.hears()).as("its own event is not for it").containsExactly("1");
    assertThat(bob.hears()).containsExactly("e=1");
    assertThat(bea.hears()).containsExactly("e=1");
    assertThat(two.messages.encoded()).isEqualTo(1);
    assertThat(three.messages.encoded()).isZero();
  }

  /** Ids of sockets are a node's own. */
  @Test
  void aSocketHearsTheEventOfOneWithItsIdOnAnotherNode() {
    bob.subscribes(List.of("e"), "1");
    cluster.nodes.runAll();
    bob.hears();
    assertThat(bob.subscriber.id()).isEqualTo(ann.subscriber.id());

    ann.emits("e", "1");
    cluster.nodes.runAll();

    assertThat(bob.hears()).containsExactly("e=1");
  }

  @Test
  void theAckWaitsUntilTheOtherNodesKnow() {
    bob.subscribes(List.of("e"), "1");
    cluster.nodes.runLoops();
    assertThat(bob.hears()).isEmpty();
    bea.subscribes(List.of("e"), "2");
    cluster.nodes.runLoops();
    assertThat(bea.hears()).as("others were told of it, but do not know yet").isEmpty();

    cluster.nodes.runAll();

    assertThat(bob.hears()).containsExactly("1");
    assertThat(bea.hears()).containsExactly("2");
    int before = cluster.nodes.delivered();
    bea.unsubscribes(List.of("e"), "3");
    bea.subscribes(List.of("e"), "4");
    cluster.nodes.runLoops();
    assertThat(bea.hears()).as("others know already").containsExactly("3", "4");
    assertThat(cluster.nodes.delivered()).isEqualTo(before);
  }

  @Test
  void nodesAreToldOfTheLastSubscriberThatLeaves() {
    bob.subscribes(List.of("e", "f"), "1");
    bea.subscribes(List.of("e"), "2");
    cluster.nodes.runAll();
    bob.leaves();
    cluster.nodes.runAll();
    assertThat(one.interested("e")).containsExactly(two.node.self());
    assertThat(one.interested("f")).isEmpty();
    bea.unsubscribes(List.of("e"), "3");
    cluster.nodes.runAll();
    assertThat(one.interested("e")).isEmpty();
  }

  @Test
  void manyNamesAreToldInFewMessages() {
    List<String> many = IntStream.range(0, 20_000).mapToObj(i -> "name-" + i).toList();
    int before = cluster.nodes.delivered();
    bob.subscribes(many, "1");
    cluster.nodes.runAll();
    assertThat(bob.hears()).containsExactly("1");
    // To two nodes: 40 full messages and a rest for each loop, the question to settle, its answer.
    assertThat(cluster.nodes.delivered() - before)
        .isLessThanOrEqualTo(2 * (40 + 3 * two.node.loops().all().count()));
    assertThat(three.interested("name-19999")).containsExactly(two.node.self());
  }

  @Test
  void aNodeThatIsBackKnowsAgainAndIsToldInParts() {
    List<String> many = IntStream.range(0, 60_000).mapToObj(i -> "name-" + i).toList();
    bob.subscribes(many, "1");
    cluster.nodes.runAll();
    bob.hears();
    cluster.nodes.cut(one.node, two.node);
    cluster.nodes.runAll();
    assertThat(one.interested("name-1")).isEmpty();
    ann.emits("name-1", "1");
    cluster.nodes.link(one.node, two.node);
    bob.unsubscribes(List.of("name-2"), "2");
    // Known here since long, and maybe not yet said to the one that is back.
    bea.subscribes(List.of("name-59999"), "3");
    for (int i = 0; i < 100_000 && bea.subscriber.openRequests() > 0; i++) {
      cluster.nodes.runLoops();
      cluster.nodes.busyLinks().stream().findFirst().ifPresent(cluster.nodes::deliverOn);
    }
    assertThat(one.interested("name-59999")).containsExactly(two.node.self());

    cluster.nodes.runAll();

    assertThat(many).filteredOn(name -> one.interested(name).isEmpty()).containsExactly("name-2");
    ann.emits("name-1", "2");
    cluster.nodes.runAll();
    assertThat(bob.hears()).containsExactly("2", "name-1=2");
  }
}
