package io.millrace.server.endtoend.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What goes wrong, and when: the same for the same seed. */
final class Schedule {

  /** One thing that goes wrong, never with more than one node. */
  sealed interface Fault {

    /** How long it lasts. */
    Duration lasting();
  }

  /** SIGKILL. */
  record Kill(int node, Duration lasting) implements Fault {}

  /** SIGSTOP, then SIGCONT. */
  record Pause(int node, Duration lasting) implements Fault {}

  /** SIGTERM, as in a rolling restart. */
  record Restart(int node, Duration lasting) implements Fault {}

  /** The node and all others hear nothing of each other. */
  record CutOff(int node, Duration lasting) implements Fault {}

  /** Two nodes hear nothing of each other. */
  record Cut(int a, int b, Duration lasting) implements Fault {}

  /** The one is not heard by the other any more. */
  record CutOneWay(int from, int to, Duration lasting) implements Fault {}

  /** Connections between two nodes are reset, again and again. */
  record Reset(int a, int b, Duration lasting) implements Fault {}

  /** Two nodes can make no connection to each other. */
  record Refuse(int a, int b, Duration lasting) implements Fault {}

  private static final List<String> KINDS =
      List.of("kill", "pause", "restart", "cutOff", "cut", "oneWay", "reset", "refuse");

  private final Random random;
  private final int nodes;
  private final Duration tolerated;
  private final List<String> bag = new ArrayList<>();

  /**
   * @param tolerated how long a node may be silent before the others go on without it
   */
  Schedule(long seed, int nodes, Duration tolerated) {
    this.random = new Random(seed);
    this.nodes = nodes;
    this.tolerated = tolerated;
  }

  /** How long all is well before the next thing goes wrong. */
  Duration peace() {
    return Duration.ofMillis(500 + random.nextInt(2_000));
  }

  /** Every kind comes once before any comes again. */
  Fault next() {
    if (bag.isEmpty()) {
      bag.addAll(KINDS);
    }
    int node = random.nextInt(nodes);
    int other = (node + 1 + random.nextInt(nodes - 1)) % nodes;
    return switch (bag.remove(random.nextInt(bag.size()))) {
      case "kill" -> new Kill(node, Duration.ofMillis(random.nextInt(6_000)));
      case "pause" -> new Pause(node, shortOrLong());
      case "restart" -> new Restart(node, Duration.ofMillis(random.nextInt(2_000)));
      case "cutOff" -> new CutOff(node, shortOrLong());
      case "cut" -> new Cut(node, other, shortOrLong());
      case "oneWay" -> new CutOneWay(node, other, shortOrLong());
      case "reset" -> new Reset(node, other, Duration.ofMillis(random.nextInt(1_500)));
      default -> new Refuse(node, other, shortOrLong());
    };
  }

  private Duration shortOrLong() {
    long limit = tolerated.toMillis();
    return Duration.ofMillis(
        random.nextBoolean()
            ? 100 + random.nextLong(limit / 2)
            : limit + 1_000 + random.nextLong(limit));
  }
}
