package io.millrace.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.peer.ManualPeers;
import io.millrace.server.transport.ManualEventLoops;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where the clients of a node that leaves can go. */
final class NeighboursTest {
  private static final String PATH = "/deepstream";

  private final ManualEventLoops loops = new ManualEventLoops(1);
  private final ManualPeers network = new ManualPeers();
  private final Neighbours one = new Neighbours(network.node("one", loops.all()));
  private final Neighbours two = new Neighbours(network.node("two", loops.all()));

  NeighboursTest() {
    network.linkAll();
    serve(one, "ws://one");
    serve(two, "ws://two");
  }

  private void serve(Neighbours node, String url) {
    node.serving(Optional.of(url));
    settle();
  }

  private void settle() {
    network.deliverAll();
    loops.runAll();
  }

  @Test
  void whoStaysSendsNobodyAway() {
    assertThat(one.elsewhere(PATH)).isEmpty();
    assertThat(one.hasOthers()).isTrue();
  }

  @Test
  void whoLeavesSendsItsClientsToWhoStays() {
    one.leaving();
    assertThat(one.elsewhere(PATH)).contains("ws://two/deepstream");
  }

  @Test
  void nobodyIsSentToWhoLeavesToo() {
    two.leaving();
    settle();
    one.leaving();
    assertThat(one.elsewhere(PATH)).isEmpty();
    assertThat(one.hasOthers()).isFalse();
  }

  @Test
  void nobodyIsSentToWhoCannotBeReached() {
    network.cut("one", "two");
    loops.runAll();
    one.leaving();
    assertThat(one.elsewhere(PATH)).isEmpty();
  }

  /** A redirect to the load balancer could lead back here. */
  @Test
  void nobodyIsSentToAnAddressThatIsAlsoThisNodes() {
    serve(one, "ws://all");
    serve(two, "ws://all");
    one.leaving();
    assertThat(one.elsewhere(PATH)).isEmpty();
  }
}
