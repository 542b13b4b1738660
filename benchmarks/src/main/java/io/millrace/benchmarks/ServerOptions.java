package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.ChildServer;
import io.millrace.benchmarks.server.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server the load is for: one that runs already on this machine, or one of its own. */
final class ServerOptions {

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port of a running server on 127.0.0.1; otherwise one is started.")
  private @Nullable Integer port;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      description = "The process of that server, to measure its CPU time.")
  private @Nullable Long pid;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      defaultValue = "/deepstream",
      description = "The path of its endpoint (${DEFAULT-VALUE}).")
  private String path = "/deepstream";

  @Option(
      names = "--storage",
      paramLabel = "TYPE",
      defaultValue = "none",
      description = "The storage.type of a server that is started (${DEFAULT-VALUE}).")
  private String storage = "none";

  @Option(
      names = "--server-java-option",
      paramLabel = "OPTION",
      description = "A JVM option for a server that is started; may be repeated.")
  private List<String> javaOptions = new ArrayList<>();

  @Option(
      names = "--server-config",
      paramLabel = "YAML",
      description = {
        "A line for the configuration of a server that is started; may be repeated.",
        "Example: --server-config 'tracing: { enabled: true }'."
      })
  private List<String> config = new ArrayList<>();

  /** Something to be done with a server. */
  interface Task {
    int run(Target target) throws IOException;
  }

  /** Does it with a server that is started for it and has this in its configuration. */
  int withOwn(String more, Task task) throws IOException {
    if (port != null || pid != null) {
      throw new LoadException("this load needs a server of its own: leave out --port");
    }
    return withChild(more, task);
  }

  /** Does it with the server that was asked for; one that was started for it is stopped again. */
  int with(Task task) throws IOException {
    Integer given = port;
    if (given != null) {
      OptionalLong process = pid == null ? OptionalLong.empty() : OptionalLong.of(pid);
      return task.run(new Target("127.0.0.1", given, path, process));
    }
    if (pid != null) {
      throw new LoadException("--server-pid goes with --port");
    }
    return withChild("", task);
  }

  private int withChild(String more, Task task) throws IOException {
    String lines = more + String.join("\n", config) + "\n";
    try (ChildServer server = ChildServer.start(storage, javaOptions, lines)) {
      return task.run(server.target());
    }
  }
}
