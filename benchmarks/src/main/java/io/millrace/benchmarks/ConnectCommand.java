package io.millrace.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench connect}. */
@Command(
    name = "connect",
    description = "Idle connections, then subscriptions: the memory that each takes.",
    mixinStandardHelpOptions = true)
final class ConnectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;

  @Option(names = "--connections", defaultValue = "5000", description = "${DEFAULT-VALUE}")
  private int connections;

  @Option(
      names = "--subscriptions",
      defaultValue = "5",
      description = "Of each connection (${DEFAULT-VALUE}).")
  private int subscriptions;

  @Override
  public Integer call() throws IOException {
    Limits.check("--connections", connections, 1, Limits.CONNECTIONS);
    Limits.check("--subscriptions", subscriptions, 0, 1000);
    return server.with(
        target -> {
          Connections.Result result =
              new Connections(new Connections.Settings(connections, subscriptions), target).run();
          return Load.report(spec, result, result.good());
        });
  }
}
