package io.millrace.server.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sockets on three nodes subscribe, unsubscribe, emit and leave, while loops run and links deliver
 * in random order, links are cut and mended, nodes crash and others come. However it comes: nobody
 * hears an event twice, nor its own, nor one before another that the same socket emitted earlier;
 * who has had the ack of its subscription hears every event that is emitted on a node whose link
 * held; and when all is quiet, every node knows the truth.
 *
 * <p>A link counts from the first moment of quiet on: until then it is being told who is
 * interested.
 */
final class EventClusterRandomTest {
  private static final int RUNS = 300;
  private static final int STEPS = 600;
  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void eventsReachWhoHasSubscribed(long seed) {
    Random seeds = new Random(seed);
    int remote = 0;
    for (int run = 0; run < RUNS; run++) {
      long each = seeds.nextLong();
      try {
        Run one = new Run(new Random(each));
        one.go();
        remote += one.remotelyDue;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with new Random(" + each + "L)", e);
      }
    }
    assertThat(remote).as("events that had to reach another node").isGreaterThan(10 * RUNS);
  }

  /** An event that a socket must hear. */
  private record Due(Run.Socket socket, EventCluster.Node emittedOn, String name, int number) {}

  /** A subscription without an ack, and the lives of links on which it was asked for. */
  private record Asked(String name, Set<Integer> links) {}

  private static final class Run {
    private final Random random;
    private final EventCluster cluster = new EventCluster();
    private final List<EventCluster.Node> nodes = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final Set<Due> due = new LinkedHashSet<>();

    /** Counts the lives of a link between two nodes; a link in quiet has its number here. */
    private final Map<Set<EventCluster.Node>, Integer> settledLinks = new HashMap<>();

    private final Map<Integer, Socket> emitters = new HashMap<>();
    private int emitted;
    private int requests;
    private int lives;
    private int remotelyDue;

    Run(Random random) {
      this.random = random;
    }

    void go() {
      for (int i = 0; i < 3; i++) {
        arrive();
      }
      for (int i = 0; i < STEPS; i++) {
        act();
        sockets.forEach(Socket::listen);
        for (int j = random.nextInt(4); j > 0; j--) {
          cluster.nodes.stepOne(random);
          sockets.forEach(Socket::listen);
        }
      }
      quiet();
      linkAll();
      quiet();
      NAMES.forEach(name -> sockets.get(0).emit(name));
      quiet();
      sockets.forEach(socket -> socket.client.leaves());
      sockets.clear();
      quiet();
      nodes.forEach(node -> assertThat(node.messages.held()).isEmpty());
    }

    private void act() {
      int choice = random.nextInt(100);
      if (choice < 20) {
        pick(sockets).subscribe();
      } else if (choice < 35) {
        pick(sockets).unsubscribe();
      } else if (choice < 70) {
        pick(sockets).emit(pick(NAMES));
      } else if (choice < 75) {
        Socket gone = pick(sockets);
        gone.leave();
        sockets.add(new Socket(gone.client.node));
      } else if (choice < 78) {
        EventCluster.Node one = pick(nodes);
        EventCluster.Node other = pick(nodes);
        if (one != other) {
          cut(one, other);
        }
      } else if (choice < 84) {
        linkAll();
      } else if (choice == 84 && random.nextInt(3) == 0) {
        crash(pick(nodes));
        arrive();
      } else if (choice == 85) {
        quiet();
      }
    }

    private void arrive() {
      EventCluster.Node node = cluster.start();
      nodes.add(node);
      for (int i = 0; i < 3; i++) {
        sockets.add(new Socket(node));
      }
    }

    private void linkAll() {
      cluster.nodes.linkAll();
    }

    private void cut(EventCluster.Node one, EventCluster.Node other) {
      cluster.nodes.cut(one.node, other.node);
      settledLinks.remove(Set.of(one, other));
      due.removeIf(
          each ->
              Set.of(one, other).contains(each.emittedOn())
                  && Set.of(one, other).contains(each.socket().client.node)
                  && each.emittedOn() != each.socket().client.node);
    }

    private void crash(EventCluster.Node node) {
      nodes.remove(node);
      nodes.forEach(other -> cut(node, other));
      cluster.nodes.crash(node.node, random.nextBoolean());
      sockets.removeIf(socket -> socket.client.node == node);
      due.removeIf(each -> each.socket().client.node == node);
    }

    /** All that is under way arrives. */
    private void quiet() {
      cluster.nodes.runAll();
      sockets.forEach(Socket::listen);
      assertThat(due).isEmpty();
      for (EventCluster.Node one : nodes) {
        for (EventCluster.Node other : nodes) {
          if (one != other && cluster.nodes.isLinked(one.node, other.node)) {
            settledLinks.computeIfAbsent(Set.of(one, other), unknown -> ++lives);
          }
        }
        NAMES.forEach(name -> assertThat(one.interested(name)).isEqualTo(truth(one, name)));
      }
      sockets.forEach(Socket::isKnown);
    }

    private Set<String> truth(EventCluster.Node asked, String name) {
      Set<String> interested = new HashSet<>();
      for (Socket socket : sockets) {
        EventCluster.Node node = socket.client.node;
        if (socket.acked.contains(name)
            && node != asked
            && cluster.nodes.isLinked(node.node, asked.node)) {
          interested.add(node.node.self());
        }
      }
      return interested;
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private final class Socket {
      private final EventCluster.Client client;
      private final Set<String> wanted = new HashSet<>();
      private final Set<String> acked = new HashSet<>();
      private final Map<String, Asked> asked = new HashMap<>();

      /** By name: the lives of the links on which its subscription is known. */
      private final Map<String, Set<Integer>> known = new HashMap<>();

      private final Map<String, Integer> lastHeard = new HashMap<>();

      Socket(EventCluster.Node node) {
        this.client = node.client();
      }

      void subscribe() {
        String name = pick(NAMES);
        if (wanted.add(name)) {
          String id = "#" + ++requests;
          asked.put(id, new Asked(name, links()));
          client.subscribes(List.of(name), id);
        }
      }

      void unsubscribe() {
        String name = pick(NAMES);
        if (acked.remove(name)) {
          wanted.remove(name);
          known.remove(name);
          due.removeIf(each -> each.socket() == this && each.name().equals(name));
          client.unsubscribes(List.of(name), "unsubscribed");
          lastHeard.keySet().removeIf(key -> key.startsWith(name + "/"));
        }
      }

      void leave() {
        client.leaves();
        sockets.remove(this);
        due.removeIf(each -> each.socket() == this);
      }

      void emit(String name) {
        int number = ++emitted;
        emitters.put(number, this);
        for (Socket socket : sockets) {
          boolean here = socket.client.node == client.node;
          if (socket != this && socket.acked.contains(name) && (here || isKnownTo(socket, name))) {
            due.add(new Due(socket, client.node, name, number));
            remotelyDue += here ? 0 : 1;
          }
        }
        client.emits(name, "" + number);
      }

      private boolean isKnownTo(Socket socket, String name) {
        Integer life = settledLinks.get(Set.of(client.node, socket.client.node));
        return life != null && socket.known.getOrDefault(name, Set.of()).contains(life);
      }

      private Set<Integer> links() {
        Set<Integer> mine = new HashSet<>();
        settledLinks.forEach(
            (pair, life) -> {
              if (pair.contains(client.node)) {
                mine.add(life);
              }
            });
        return mine;
      }

      void isKnown() {
        assertThat(asked).isEmpty();
        acked.forEach(name -> known.put(name, links()));
      }

      void listen() {
        for (String heard : client.hears()) {
          Asked request = asked.remove(heard);
          if (request != null) {
            acked.add(request.name());
            known.put(request.name(), request.links());
          } else if (heard.contains("=")) {
            int at = heard.indexOf('=');
            hear(heard.substring(0, at), Integer.parseInt(heard.substring(at + 1)));
          }
        }
      }

      private void hear(String name, int number) {
        assertThat(wanted).contains(name);
        Socket emitter = emitters.get(number);
        assertThat(emitter).isNotNull().isNotSameAs(this);
        due.remove(new Due(this, emitter.client.node, name, number));
        // Numbers grow, so this is also that nothing is heard twice.
        Integer before = lastHeard.put(name + "/" + System.identityHashCode(emitter), number);
        assertThat(before == null || before < number).as("%s after %s", number, before).isTrue();
      }
    }
  }
}
