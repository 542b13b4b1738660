package io.millrace.server.endtoend.lab;

import io.millrace.server.endtoend.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nodes in processes of their own, numbered from 0. Each has an address of its own in 127/8 and
 * keeps its ports for life; whatever nodes say to each other goes through {@link #wires()}.
 */
final class TestCluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TestCluster.class);
  private static final Duration START = Duration.ofSeconds(180);
  private static final Duration RECOVERY = Duration.ofSeconds(180);

  private static final int ANSWERS = 3;

  /** Longer than a node answers with what it knew before. */
  private static final Duration BETWEEN_ANSWERS = Duration.ofMillis(600);

  /** Twice what a node has to drain. */
  private static final Duration STOP = Duration.ofSeconds(80);

  static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(5);

  /** Where nobody hangs on purpose: it may be the machine that stalls. */
  static final Duration PATIENT = Duration.ofSeconds(30);

  private final Path directory;
  private final Wires wires = new Wires();
  private final List<Node> nodes = new ArrayList<>();
  private final String[] jvmOptions;
  private final Duration heartbeatTimeout;

  /** One node, running or not. */
  private static final class Node {
    final InetAddress host;
    final InetAddress door;
    final InetSocketAddress clients;
    final InetSocketAddress grid;
    final InetSocketAddress links;
    final InetSocketAddress operators;
    final Path config;
    volatile @Nullable ServerProcess process;

    Node(Path directory, int network, int number) throws IOException {
      host = address(network, 10 + number);
      door = address(network, 100 + number);
      clients = free(host);
      grid = free(host);
      links = free(host);
      operators = free(host);
      config = directory.resolve("node-" + number + ".yml");
    }

    private static InetAddress address(int network, int number) throws UnknownHostException {
      return InetAddress.getByAddress(
          new byte[] {127, (byte) (network >> 8), (byte) network, (byte) number});
    }

    /** Nobody but this node binds to its address, so what is free stays free. */
    private static InetSocketAddress free(InetAddress host) throws IOException {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(host, 0));
        return new InetSocketAddress(host, socket.getLocalPort());
      }
    }

    String at(InetAddress address, InetSocketAddress port) {
      return address.getHostAddress() + ":" + port.getPort();
    }
  }

  /** What is not as in a cluster that stores nothing. */
  static final class Builder {
    private final Path directory;
    private final int nodes;
    private String storage = "{ type: none }";
    private Duration heartbeatTimeout = HEARTBEAT_TIMEOUT;
    private final List<String> more = new ArrayList<>();
    private final List<String> jvmOptions = new ArrayList<>();

    private Builder(Path directory, int nodes) {
      this.directory = directory;
      this.nodes = nodes;
    }

    /** The YAML of the storage that all nodes share. */
    Builder storage(String yaml) {
      storage = yaml;
      return this;
    }

    /** Adds a line of YAML: a top-level key other than server, cluster and storage. */
    Builder yaml(String line) {
      more.add(line);
      return this;
    }

    /** How long a node may be silent before the others go on without it. */
    Builder heartbeatTimeout(Duration timeout) {
      heartbeatTimeout = timeout;
      return this;
    }

    /** For every node's JVM. */
    Builder jvm(String... options) {
      jvmOptions.addAll(List.of(options));
      return this;
    }

    /** Starts all nodes at once; returns when they have found each other. */
    TestCluster start() throws IOException {
      TestCluster cluster = new TestCluster(this);
      try {
        cluster.startAll();
        cluster.awaitWhole();
        return cluster;
      } catch (RuntimeException | AssertionError e) {
        cluster.close();
        throw e;
      }
    }
  }

  /**
   * @param directory for configurations and logs
   */
  static Builder of(int nodes, Path directory) {
    return new Builder(directory, nodes);
  }

  private TestCluster(Builder builder) throws IOException {
    directory = Files.createDirectories(builder.directory);
    jvmOptions = builder.jvmOptions.toArray(String[]::new);
    heartbeatTimeout = builder.heartbeatTimeout;
    // Clusters of two builds on one machine must not meet.
    int network = ThreadLocalRandom.current().nextInt(256, 65536);
    for (int i = 0; i < builder.nodes; i++) {
      Node node = new Node(directory, network, i);
      nodes.add(node);
      wires.known(node.host, i);
      // Hazelcast connects from the address that it is known under.
      wires.known(node.door, i);
      wires.open(i, new InetSocketAddress(node.door, node.grid.getPort()), node.grid);
      wires.open(i, new InetSocketAddress(node.door, node.links.getPort()), node.links);
    }
    String members =
        nodes.stream()
            .map(node -> '"' + node.at(node.door, node.grid) + '"')
            .collect(Collectors.joining(", "));
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      Files.writeString(
          node.config,
          """
          server: { name: node-%d, host: %s, port: %d }
          admin: { host: %s, port: %d }
          cluster:
            enabled: true
            name: lab-%x
            host: %s
            port: %d
            publicAddress: "%s"
            linkPort: %d
            publicLinkAddress: "%s"
            members: [%s]
            backups: 1
            minSize: %d
            heartbeatTimeout: %ds
            drainTimeout: 40s
          storage: %s
          %s
          """
              .formatted(
                  i,
                  node.host.getHostAddress(),
                  node.clients.getPort(),
                  node.host.getHostAddress(),
                  node.operators.getPort(),
                  network,
                  node.host.getHostAddress(),
                  node.grid.getPort(),
                  node.at(node.door, node.grid),
                  node.links.getPort(),
                  node.at(node.door, node.links),
                  members,
                  // Two nodes cannot both go on when parted, nor either when the other one dies.
                  nodes.size() > 2 ? 2 : 1,
                  heartbeatTimeout.toSeconds(),
                  builder.storage,
                  String.join("\n", builder.more)));
    }
  }

  int size() {
    return nodes.size();
  }

  Wires wires() {
    return wires;
  }

  /** Longer than a node may hang without being given up by the others. */
  Duration patience() {
    return heartbeatTimeout.plusSeconds(3);
  }

  /** Where clients of a node connect. */
  InetSocketAddress clients(int node) {
    return nodes.get(node).clients;
  }

  /** Where operators reach a node. */
  URI admin(int node, String path) {
    InetSocketAddress address = nodes.get(node).operators;
    return URI.create(
        "http://%s:%d%s".formatted(address.getAddress().getHostAddress(), address.getPort(), path));
  }

  URI uri(int node) {
    InetSocketAddress address = clients(node);
    return URI.create(
        "ws://%s:%d/deepstream"
            .formatted(address.getAddress().getHostAddress(), address.getPort()));
  }

  boolean isRunning(int node) {
    ServerProcess process = nodes.get(node).process;
    return process != null && process.isAlive();
  }

  /** Starts a node that does not run; returns when it takes clients. */
  void start(int node) {
    Node one = nodes.get(node);
    List<String> options =
        new ArrayList<>(
            List.of("-Xmx320m", "-Xss512k", "-XX:+UseSerialGC", "-XX:-UseG1GC", "-Xshare:auto"));
    options.addAll(List.of(jvmOptions));
    try {
      one.process = ServerProcess.start(one.config, options.toArray(String[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts all nodes that do not run, at once. */
  void startAll() {
    CompletableFuture.allOf(
            IntStream.range(0, size())
                .filter(node -> !isRunning(node))
                .mapToObj(
                    node ->
                        CompletableFuture.runAsync(
                            () -> start(node), task -> Thread.ofVirtual().start(task)))
                .toArray(CompletableFuture[]::new))
        .orTimeout(START.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  /** SIGKILL. */
  void kill(int node) {
    process(node).kill();
  }

  /** SIGKILL to all, as near to at once as can be. */
  void killAll() {
    List<ServerProcess> all = IntStream.range(0, size()).mapToObj(this::process).toList();
    signal("KILL", all.stream().map(ServerProcess::pid).toList());
    all.forEach(ServerProcess::kill);
  }

  /** SIGTERM; the exit code, empty if the node did not end in time. */
  OptionalInt stop(int node) {
    return process(node).stop(STOP);
  }

  /** SIGTERM, without waiting for what comes of it. */
  void terminate(int node) {
    signal("TERM", List.of(process(node).pid()));
  }

  /** The exit code of a node that ends by itself, empty if it does not in time. */
  OptionalInt awaitEnd(int node) {
    return process(node).awaitEnd(STOP);
  }

  /** SIGSTOP: the node hangs, and its connections stay. */
  void pause(int node) {
    signal("STOP", List.of(process(node).pid()));
  }

  void resume(int node) {
    signal("CONT", List.of(process(node).pid()));
  }

  private static void signal(String signal, List<Long> pids) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.forEach(pid -> command.add(pid.toString()));
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException(command + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private ServerProcess process(int node) {
    ServerProcess process = nodes.get(node).process;
    if (process == null) {
      throw new IllegalStateException("node " + node + " was never started");
    }
    return process;
  }

  /** What there is to wait for until the cluster is whole, by node; empty if nothing. */
  private String lacking() {
    return IntStream.range(0, size())
        .mapToObj(
            node -> {
              String lacking =
                  isRunning(node) ? NodeProbe.lacking(clients(node), size()) : "does not run";
              return lacking.isEmpty() ? "" : "node " + node + " " + lacking;
            })
        .filter(lacking -> !lacking.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /**
   * Returns when all nodes run, see each other and have handed over what moves. Asks several times
   * in a row: a node answers what it found out when it was asked before.
   */
  void awaitWhole() {
    long end = System.nanoTime() + RECOVERY.toNanos();
    for (int inARow = 0; inARow < ANSWERS; inARow++) {
      String lacking = lacking();
      if (!lacking.isEmpty()) {
        inARow = -1;
        if (System.nanoTime() > end) {
          throw new AssertionError(
              "the cluster does not get whole again: " + lacking + "\n" + lastWords());
        }
      }
      LockSupport.parkNanos(BETWEEN_ANSWERS.toNanos());
    }
  }

  /** The sum over all nodes and labels of a metric; labels are given as {@code topic="record"}. */
  double metric(String name, String... labels) {
    return IntStream.range(0, size())
        .mapToDouble(node -> NodeProbe.metric(clients(node), name, labels))
        .sum();
  }

  /** What each node said last. */
  String lastWords() {
    return IntStream.range(0, size())
        .mapToObj(
            node -> {
              ServerProcess process = nodes.get(node).process;
              return "--- node " + node + "\n" + (process == null ? "" : process.lastWords());
            })
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    for (Node node : nodes) {
      ServerProcess process = node.process;
      if (process != null) {
        process.close();
      }
    }
    wires.close();
    LOG.info("configurations and logs of the nodes are in {}", directory);
  }
}
