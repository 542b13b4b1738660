package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who provides what, while the nodes of providers and those that coordinate names die. */
final class ListeningIT {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final String PATTERN = "^seat/";

  /** Enough that each of three nodes coordinates some. */
  private static final Set<String> NAMES =
      new TreeSet<>(IntStream.range(0, 60).mapToObj(i -> "seat/" + i).toList());

  @TempDir private Path directory;

  /** Listens, and provides all that it is asked for. */
  private static final class Provider extends Client {
    private final Set<String> provided = new HashSet<>();

    Provider(TestCluster cluster, int node) {
      super("provider-" + node, cluster, node, new History(System::nanoTime));
    }

    @Override
    void connected() {
      boolean unused = send(new RecordRequest.Listen(RecordAction.LISTEN, PATTERN));
    }

    @Override
    synchronized void disconnected() {
      provided.clear();
    }

    @Override
    synchronized void received(ServerMessage message) {
      if (!(message instanceof RecordPush.PatternMatch match)) {
        return;
      }
      if (match.action() == RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND) {
        provided.add(match.subscription());
        boolean unused =
            send(
                new RecordRequest.ListenAnswer(
                    RecordAction.LISTEN_ACCEPT, PATTERN, match.subscription()));
      } else {
        provided.remove(match.subscription());
      }
    }

    synchronized Set<String> provided() {
      return new TreeSet<>(provided);
    }
  }

  /** Wants all names, and notes which have a provider. */
  private static final class Viewer extends Client {
    private final Set<String> provided = new TreeSet<>();
    private int lost;

    Viewer(TestCluster cluster, int node) {
      super("viewer-" + node, cluster, node, new History(System::nanoTime));
    }

    @Override
    void connected() {
      say(RecordAction.SUBSCRIBECREATEANDREAD);
    }

    void leave() {
      say(RecordAction.UNSUBSCRIBE);
    }

    private void say(RecordAction action) {
      List<RecordName> all = NAMES.stream().map(RecordName::new).toList();
      boolean unused = send(new RecordRequest.Bulk(action, all, "0"));
    }

    @Override
    synchronized void received(ServerMessage message) {
      if (!(message instanceof RecordPush.ProviderState state)) {
        return;
      }
      if (state.action() == RecordAction.SUBSCRIPTION_HAS_PROVIDER) {
        provided.add(state.name().value());
      } else {
        provided.remove(state.name().value());
        lost++;
      }
    }

    synchronized Set<String> provided() {
      return new TreeSet<>(provided);
    }

    synchronized int lost() {
      return lost;
    }
  }

  @Test
  @Timeout(600)
  void whoeverDiesEachNameHasOneProviderAndKeepsItIfThatOneLives() throws Exception {
    try (TestCluster cluster =
            TestCluster.of(3, directory)
                .heartbeatTimeout(TestCluster.PATIENT)
                // A provider that is silent is passed over, and it may be the machine that stalls.
                .yaml("listen: { responseTimeout: 60s }")
                .start();
        Viewer viewer = new Viewer(cluster, 0);
        Provider one = new Provider(cluster, 1);
        Provider two = new Provider(cluster, 2)) {
      one.begin();
      await().atMost(LONG).until(one::isConnected);
      viewer.begin();
      await().atMost(LONG).until(() -> viewer.provided().equals(NAMES));
      two.begin();
      await().atMost(LONG).until(two::isConnected);
      assertThat(one.provided()).isEqualTo(NAMES);
      assertThat(two.provided()).isEmpty();

      // The node of the provider, which coordinates some of the names, too.
      cluster.kill(1);
      await().atMost(LONG).until(() -> two.provided().equals(NAMES));
      // That some have none for a moment may come late.
      await()
          .during(Duration.ofSeconds(3))
          .atMost(LONG)
          .until(() -> viewer.provided().equals(NAMES));

      // It comes back, and coordinates some again; its listener is not needed.
      int lost = viewer.lost();
      cluster.start(1);
      cluster.awaitWhole();
      await().atMost(LONG).until(one::isConnected);
      // Nothing is expected to happen: but what might happen, would after the pause of a takeover.
      await().during(Duration.ofSeconds(3)).atMost(LONG).until(() -> one.provided().isEmpty());
      assertThat(two.provided()).isEqualTo(NAMES);

      // A node that coordinates names, and neither wants nor provides any.
      cluster.kill(1);
      await()
          .atMost(LONG)
          .until(() -> NodeProbe.metric(cluster.clients(0), "millrace_cluster_nodes") == 2);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(LONG)
          .until(() -> two.provided().equals(NAMES) && viewer.provided().equals(NAMES));
      assertThat(viewer.lost()).as("names that lost a provider that lives").isEqualTo(lost);

      viewer.leave();
      await().atMost(LONG).until(() -> two.provided().isEmpty());
    }
  }
}
