package io.millrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench write}. */
@Command(
    name = "write",
    description = "Writers that wait for acknowledgements, as fast as the server can.",
    mixinStandardHelpOptions = true)
final class WriteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private Rounds rounds;

  @Option(names = "--writers", defaultValue = "50", description = "${DEFAULT-VALUE}")
  private int writers;

  @Option(
      names = "--depth",
      defaultValue = "8",
      description = "Patches in flight of each (${DEFAULT-VALUE}).")
  private int depth;

  @Option(names = "--seats", defaultValue = "10", description = "${DEFAULT-VALUE}")
  private int seats;

  @Option(names = "--warm-up", defaultValue = "4", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(names = "--seconds", defaultValue = "6", description = "Measured (${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws IOException {
    Limits.check("--writers", writers, 1, Limits.CONNECTIONS);
    Limits.check("--depth", depth, 1, 1000);
    Limits.check("--seats", seats, 1, Limits.SEATS);
    Limits.checkSeconds(warmUp, seconds);
    var settings = new Writes.Settings(writers, depth, seats, warmUp, seconds);
    return server.with(
        target ->
            rounds.run(
                spec, "write", List.of(writers), each -> new Writes(settings, target).run()));
  }
}
