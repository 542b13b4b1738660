package io.millrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench rpc}. */
@Command(
    name = "rpc",
    description = {
      "Remote calls that are answered at once, then open calls whose provider is killed:",
      "CPU time per call, and how long until the last caller has its answer."
    },
    mixinStandardHelpOptions = true)
final class RpcCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private Rounds rounds;

  @Option(names = "--callers", defaultValue = "8", description = "${DEFAULT-VALUE}")
  private int callers;

  @Option(
      names = "--in-flight",
      defaultValue = "8",
      description = "Calls that a caller has open at once (${DEFAULT-VALUE}).")
  private int inFlight;

  @Option(
      names = "--calls",
      defaultValue = "5000",
      description = "Of each caller in a round (${DEFAULT-VALUE}).")
  private int calls;

  @Option(
      names = "--open",
      defaultValue = "100",
      description = "Calls that are open when their provider is killed (${DEFAULT-VALUE}).")
  private int open;

  @Override
  public Integer call() throws IOException {
    Limits.check("--callers", callers, 1, 1000);
    Limits.check("--in-flight", inFlight, 1, 1000);
    Limits.check("--calls", calls, 1, 100_000);
    Limits.check("--open", open, 1, 5000);
    var settings = new Calls.Settings(callers, inFlight, calls, open);
    return server.with(
        target ->
            rounds.run(spec, "rpc", List.of(settings), each -> new Calls(each, target).run()));
  }
}
