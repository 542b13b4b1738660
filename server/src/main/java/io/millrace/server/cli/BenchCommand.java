package io.millrace.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code millrace bench}: here only so that help lists it. The load program is a module of its own,
 * and {@code bin/millrace} starts it without coming by here.
 */
@Command(
    name = "bench",
    description = "Measure a server under load: CPU time, latencies, memory.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(hidden = true)
  private List<String> ignored = new ArrayList<>();

  @Override
  public Integer call() {
    spec.commandLine().getErr().println("The load is started by bin/millrace: bin/millrace bench");
    return ExitCode.USAGE;
  }
}
