package io.millrace.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code millrace demo}: here only so that help lists it. The demo is an example program of its
 * own, and {@code bin/millrace} starts it without coming by here.
 */
@Command(
    name = "demo",
    description =
        "Run the on-sale demo: a Kafka broker, Hosts that sell seats, a server, a seat map.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(hidden = true)
  private List<String> ignored = new ArrayList<>();

  @Override
  public Integer call() {
    spec.commandLine().getErr().println("The demo is started by bin/millrace: bin/millrace demo");
    return ExitCode.USAGE;
  }
}
