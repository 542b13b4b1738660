package io.millrace.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.value.JsonText;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is online, and who is told, over three nodes. */
final class PresenceClusterTest {
  private static final Duration LESS = PresencePeers.GRACE.minusMillis(1);

  private final PresenceCluster cluster = new PresenceCluster();
  private final PresenceCluster.Node one = cluster.start();
  private final PresenceCluster.Node two = cluster.start();
  private final PresenceCluster.Node three = cluster.start();
  private final PresenceCluster.Client ann = one.login("ann");

  PresenceClusterTest() {
    cluster.nodes.linkAll();
    cluster.nodes.runAll();
    ann.watchesAll();
    cluster.nodes.runAll();
    ann.hears();
  }

  private List<Object> annHears() {
    cluster.nodes.runAll();
    cluster.nodes.advance(PresenceShard.MOVE);
    return annHearsNow();
  }

  private List<Object> annHearsNow() {
    cluster.nodes.runAll();
    return ann.hears();
  }

  @Test
  void aUserIsOnlineAsLongAsAnyNodeHasASocketOfIt() {
    PresenceCluster.Client there = two.login("bob");
    assertThat(annHears()).containsExactly("+bob");
    PresenceCluster.Client elsewhere = three.login("bob");
    PresenceCluster.Client here = one.login("bob");
    assertThat(annHears()).isEmpty();
    there.leaves();
    here.leaves();
    assertThat(annHears()).isEmpty();
    elsewhere.leaves();
    assertThat(annHears()).containsExactly("-bob");
  }

  @Test
  void whoWatchesAUserIsToldOfOtherNodesToo() {
    PresenceCluster.Client cid = three.login("cid");
    cid.watches("bob");
    cluster.nodes.runAll();
    PresenceCluster.Client bob = two.login("bob");
    two.login("dan");
    cluster.nodes.runAll();
    assertThat(cid.hears()).containsExactly("+bob");
    bob.leaves();
    cluster.nodes.runAll();
    cluster.nodes.advance(PresenceShard.MOVE);
    cluster.nodes.runAll();
    assertThat(cid.hears()).containsExactly("-bob");
  }

  @Test
  void questionsAreAnsweredForAllNodes() {
    one.login("bob");
    two.login("bob");
    three.login("cid");
    annHears();
    ann.says(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
    cluster.nodes.runAll();
    PresencePush.QueryAllResponse all = (PresencePush.QueryAllResponse) ann.hears().get(0);
    assertThat(all.users()).containsExactlyInAnyOrder("bob", "cid");
    ann.says(new PresenceRequest.Named(PresenceAction.QUERY, List.of("bob", "cid", "eve"), "1"));
    assertThat(annHears())
        .containsExactly(
            new PresencePush.QueryResponse(
                "1", new JsonText("{\"bob\":true,\"cid\":true,\"eve\":false}")));
    assertThat(one.online).as("users of this node").isEqualTo(2);
  }

  @Test
  void aUserWhoMovesIsToldOfOnceOrNotAtAll() {
    PresenceCluster.Client before = two.login("bob");
    annHears();
    PresenceCluster.Client after = three.login("bob");
    before.leaves();
    assertThat(annHears()).isEmpty();
    assertThat(one.sees()).contains("bob");
    after.leaves();
    assertThat(annHears()).containsExactly("-bob");
  }

  @Test
  void aLoginIsAnsweredWhenTheOtherNodesKnow() {
    PresenceCluster.Client bob = two.login("bob");
    two.node.loops().runAll();
    assertThat(bob.welcomed).isFalse();
    cluster.nodes.runAll();
    assertThat(bob.welcomed).isTrue();
    assertThat(one.sees()).contains("bob");
  }

  /** Each node says the truth in its order, but nothing orders what two of them say. */
  @Test
  void aUserWhoMovesDoesNotFlapWhenTheNewsComeInTheWrongOrder() {
    PresenceCluster.Client before = two.login("bob");
    annHears();
    three.login("bob");
    before.leaves();
    two.node.loops().runAll();
    three.node.loops().runAll();
    String first = two.node.self() + ">" + one.node.self();
    while (cluster.nodes.busyLinks().contains(first)) {
      cluster.nodes.deliverOn(first);
      one.node.loops().runAll();
    }
    assertThat(annHears()).isEmpty();
    assertThat(one.sees()).contains("bob");
  }

  @Test
  void usersOfANodeThatDiesLeaveOnceAndAtOnce() {
    two.login("bob");
    two.login("cid");
    three.login("cid");
    annHears();
    cluster.nodes.crash(two.node, true);
    assertThat(annHears()).containsExactly("-bob");
    cluster.nodes.advance(PresencePeers.GRACE.multipliedBy(2));
    assertThat(annHears()).isEmpty();
    assertThat(one.sees()).containsExactly("ann", "cid");
  }

  @Test
  void usersOfANodeWhoseLinkIsSoonBackDoNotFlap() {
    two.login("bob");
    PresenceCluster.Client cid = two.login("cid");
    annHears();
    cluster.nodes.cut(one.node, two.node);
    assertThat(annHearsNow()).isEmpty();
    assertThat(one.sees()).contains("bob", "cid");
    cid.leaves();
    two.login("dan");
    cluster.nodes.advance(LESS);
    cluster.nodes.link(one.node, two.node);
    // When the grace is over the other node speaks again, and has not said all yet.
    cluster.nodes.runLoops();
    cluster.nodes.deliverOn(two.node.self() + ">" + one.node.self());
    cluster.nodes.runLoops();
    cluster.nodes.advance(Duration.ofMillis(1));
    assertThat(annHears()).containsExactlyInAnyOrder("-cid", "+dan");
    cluster.nodes.advance(PresencePeers.GRACE.multipliedBy(2));
    assertThat(annHears()).isEmpty();
    assertThat(one.sees()).containsExactly("ann", "bob", "dan");
  }

  @Test
  void usersOfANodeThatStaysAwayLeaveAndAreBackWithIt() {
    two.login("bob");
    annHears();
    cluster.nodes.cut(one.node, two.node);
    cluster.nodes.runAll();
    cluster.nodes.advance(LESS);
    assertThat(annHearsNow()).isEmpty();
    cluster.nodes.advance(Duration.ofMillis(1));
    assertThat(annHears()).containsExactly("-bob");
    cluster.nodes.link(one.node, two.node);
    assertThat(annHears()).containsExactly("+bob");
  }

  @Test
  void aLinkThatBreaksAgainAndAgainKeepsNobodyOnline() {
    PresenceCluster.Client bob = two.login("bob");
    annHears();
    cluster.nodes.cut(one.node, two.node);
    bob.leaves();
    cluster.nodes.runLoops();
    for (int i = 0; i < 4; i++) {
      cluster.nodes.link(one.node, two.node);
      cluster.nodes.runLoops();
      // The first of its loops has said all when the grace is over, and the others never do.
      cluster.nodes.deliverOn(two.node.self() + ">" + one.node.self());
      cluster.nodes.runLoops();
      cluster.nodes.advance(PresencePeers.GRACE);
      cluster.nodes.runLoops();
      cluster.nodes.cut(one.node, two.node);
      cluster.nodes.runLoops();
    }
    assertThat(annHears()).containsExactly("-bob");
    assertThat(one.sees()).doesNotContain("bob");
  }

  @Test
  void aNodeThatIsNoMemberAnyMoreIsNotWaitedFor() {
    two.login("bob");
    annHears();
    cluster.nodes.cut(one.node, two.node);
    assertThat(annHears()).isEmpty();
    cluster.nodes.crash(two.node, false);
    assertThat(annHears()).containsExactly("-bob");
  }

  @Test
  void manyUsersOfANodeThatDiesLeaveInParts() {
    for (int i = 0; i < 5_000; i++) {
      two.login("user-" + i);
    }
    assertThat(annHears()).hasSize(5_000);
    cluster.nodes.crash(two.node, true);
    assertThat(annHears()).hasSize(5_000).allMatch(each -> each.toString().startsWith("-"));
    assertThat(one.sees()).containsExactly("ann");
  }

  @Test
  void whoIsSaidAgainWhileANodesUsersAreDroppedInPartsIsThere() {
    for (int i = 0; i < 5_000; i++) {
      two.login("user-" + i);
    }
    annHears();
    cluster.nodes.cut(one.node, two.node);
    cluster.nodes.runAll();
    cluster.nodes.advance(PresencePeers.GRACE);
    one.node.loops().busy().forEach(one.node.loops()::runOne);
    assertThat(one.node.loops().busy()).as("loops with more to drop").isNotEmpty();
    cluster.nodes.link(one.node, two.node);
    two.node.loops().runAll();
    cluster.nodes.busyLinks().forEach(cluster.nodes::deliverAllOn);
    cluster.nodes.runAll();
    assertThat(one.sees()).hasSize(5_001);
  }
}
