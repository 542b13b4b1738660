package io.millrace.server.endtoend;

import io.millrace.server.Assembly;
import io.millrace.server.config.ConfigLoader;
import io.millrace.testkit.ScriptedClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A server in this JVM, on a free port of loopback.
 *
 * <pre>{@code
 * try (TestServer server = TestServer.start();
 *     ScriptedClient client = server.client()) {
 * }</pre>
 */
public final class TestServer implements AutoCloseable {
  private final Assembly assembly;

  private TestServer(Assembly assembly) {
    this.assembly = assembly;
  }

  /** Starts one that stores nothing and reads no topics. */
  public static TestServer start() {
    return with().start();
  }

  /** Another configuration than that. */
  public static Builder with() {
    return new Builder();
  }

  public int port() {
    return assembly.port();
  }

  /** Where clients connect. */
  public URI uri() {
    return URI.create("ws://127.0.0.1:" + port() + "/deepstream");
  }

  /** A client that has logged in anonymously; the caller closes it. */
  public ScriptedClient client() {
    return ScriptedClient.connect(uri()).login();
  }

  /** As {@link #client()}, with another deadline for each wait. */
  public ScriptedClient client(Duration deadline) {
    return ScriptedClient.connect(uri(), deadline).login();
  }

  /** The sum of a metric's samples over all its labels, as {@code /metrics} says it. */
  public double metric(String name) {
    return Probe.metric(port(), name);
  }

  /** Whether {@code /health/ready} says so. */
  public boolean isReady() {
    return Probe.isReady(port());
  }

  @Override
  public void close() {
    assembly.close();
  }

  /** What is not as in {@link TestServer#start()}. */
  public static final class Builder {
    private int port;
    private String name = "node-1";
    private String storage = "{ type: none }";
    private String kafka = "{}";
    private final List<String> more = new ArrayList<>();

    private Builder() {}

    public Builder port(int fixed) {
      port = fixed;
      return this;
    }

    public Builder sqlite(Path file) {
      storage = "{ type: sqlite, path: \"" + file + "\" }";
      return this;
    }

    /**
     * Reads topics.
     *
     * @param sources each the YAML of one source
     */
    public Builder kafka(String bootstrapServers, String... sources) {
      kafka =
          """
          { bootstrapServers: "%s", sources: [%s] }\
          """
              .formatted(bootstrapServers, String.join(", ", sources));
      return this;
    }

    /** The YAML of all that concerns Kafka. */
    public Builder kafka(String yaml) {
      kafka = yaml;
      return this;
    }

    /**
     * One node of a cluster on this address of loopback.
     *
     * @param gridPort this node's, a free one
     * @param members host:port of each node, this one included
     */
    public Builder cluster(String host, int gridPort, List<String> members) {
      name = "node-" + gridPort;
      return yaml(
          // Whoever is killed is missed at once; who stalls with the machine must not be given up.
          ("cluster: { enabled: true, name: test-%s, host: %s, port: %d, members: %s,"
                  + " heartbeatTimeout: 60s }")
              .formatted(members.getFirst().replaceAll("[:.]", "-"), host, gridPort, members));
    }

    /** Adds a line of YAML: a top-level key other than server, storage and kafka. */
    public Builder yaml(String line) {
      more.add(line);
      return this;
    }

    /** The configuration's text, for a server in a process of its own. */
    public String toYaml() {
      return """
      server: { name: %s, host: 127.0.0.1, port: %d }
      storage: %s
      kafka: %s
      %s
      """
          .formatted(name, port, storage, kafka, String.join("\n", more));
    }

    public TestServer start() {
      return new TestServer(Assembly.start(ConfigLoader.parse(toYaml())));
    }
  }
}
