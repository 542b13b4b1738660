package io.millrace.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Users log in and out on three nodes while loops run and links deliver in random order, links are
 * cut and mended, nodes crash and others come, and time passes. However it comes: a watcher hears
 * by turns that a user comes and goes, and when all is quiet it believes the truth, as does every
 * node: online is who has a socket on a node that can be reached.
 */
final class PresenceClusterRandomTest {
  private static final int RUNS = 300;
  private static final int STEPS = 600;
  private static final List<String> USERS = List.of("ann", "bob", "cid", "dan", "eve");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void watchersHearTheTruthByTurns(long seed) {
    Random seeds = new Random(seed);
    int heard = 0;
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        Run one = new Run(new Random(each));
        one.go();
        heard += one.heard;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L)", e);
      }
    }
    assertThat(heard).isGreaterThan(20 * RUNS);
  }

  private static final class Run {
    private final Random random;
    private final PresenceCluster cluster = new PresenceCluster();
    private final List<PresenceCluster.Node> nodes = new ArrayList<>();
    private final List<PresenceCluster.Client> clients = new ArrayList<>();

    /** One for each node; as it is there from the beginning, it hears of everybody. */
    private final Map<PresenceCluster.Node, Watcher> watchers = new HashMap<>();

    private int heard;

    Run(Random random) {
      this.random = random;
    }

    void go() {
      for (int i = 0; i < 3; i++) {
        arrive();
      }
      for (int i = 0; i < STEPS; i++) {
        act();
        for (int j = random.nextInt(4); j > 0; j--) {
          cluster.nodes.stepOne(random);
        }
        watchers.values().forEach(Watcher::listen);
      }
      cluster.nodes.linkAll();
      quiet();
      clients.forEach(PresenceCluster.Client::leaves);
      clients.clear();
      quiet();
      nodes.forEach(node -> assertThat(node.sees()).containsExactly("watcher"));
    }

    private void act() {
      int choice = random.nextInt(100);
      if (choice < 30) {
        clients.add(pick(nodes).login(pick(USERS)));
      } else if (choice < 60 && !clients.isEmpty()) {
        clients.remove(random.nextInt(clients.size())).leaves();
      } else if (choice < 65) {
        PresenceCluster.Node one = pick(nodes);
        PresenceCluster.Node other = pick(nodes);
        if (one != other) {
          cluster.nodes.cut(one.node, other.node);
        }
      } else if (choice < 73) {
        cluster.nodes.linkAll();
      } else if (choice == 73 && random.nextInt(3) == 0) {
        crash(pick(nodes));
        arrive();
      } else if (choice < 80) {
        cluster.nodes.advance(Duration.ofMillis(random.nextInt(1500)));
      } else if (choice == 80) {
        quiet();
      }
    }

    private void arrive() {
      PresenceCluster.Node node = cluster.start();
      nodes.add(node);
      watchers.put(node, new Watcher(node));
    }

    private void crash(PresenceCluster.Node node) {
      nodes.remove(node);
      watchers.remove(node);
      cluster.nodes.crash(node.node, random.nextBoolean());
      clients.removeIf(client -> client.node == node);
    }

    private void quiet() {
      cluster.nodes.runAll();
      cluster.nodes.advance(PresencePeers.GRACE);
      cluster.nodes.runAll();
      cluster.nodes.advance(PresenceShard.MOVE);
      cluster.nodes.runAll();
      for (PresenceCluster.Node node : nodes) {
        Watcher watcher = watcher(node);
        watcher.listen();
        assertThat(node.sees()).isEqualTo(truth(node));
        assertThat(watcher.online).isEqualTo(truth(node));
      }
    }

    private Set<String> truth(PresenceCluster.Node asked) {
      Set<String> users = new HashSet<>(Set.of("watcher"));
      for (PresenceCluster.Client client : clients) {
        if (client.node == asked || cluster.nodes.isLinked(client.node.node, asked.node)) {
          users.add(client.user);
        }
      }
      return users;
    }

    private Watcher watcher(PresenceCluster.Node node) {
      Watcher watcher = watchers.get(node);
      assertThat(watcher).isNotNull();
      return watcher;
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private final class Watcher {
      private final PresenceCluster.Client client;
      private final Set<String> online = new HashSet<>(Set.of("watcher"));

      Watcher(PresenceCluster.Node node) {
        client = node.login("watcher");
        node.node.loops().runAll();
        client.watchesAll();
        node.node.loops().runAll();
      }

      void listen() {
        for (Object each : client.hears()) {
          heard++;
          String user = each.toString().substring(1);
          boolean joins = each.toString().startsWith("+");
          assertThat(joins ? online.add(user) : online.remove(user)).as("%s", each).isTrue();
        }
      }
    }
  }
}
