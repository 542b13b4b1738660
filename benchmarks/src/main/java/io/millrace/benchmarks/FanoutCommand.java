package io.millrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench fanout}. */
@Command(
    name = "fanout",
    description = "Subscribers of one record, and one writer at a fixed rate.",
    mixinStandardHelpOptions = true)
final class FanoutCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private Rounds rounds;

  @Option(names = "--subscribers", defaultValue = "1000", description = "${DEFAULT-VALUE}")
  private int subscribers;

  @Option(names = "--rate", defaultValue = "50", description = "Patches/s (${DEFAULT-VALUE}).")
  private int rate;

  @Option(names = "--seats", defaultValue = "500", description = "${DEFAULT-VALUE}")
  private int seats;

  @Option(
      names = "--length",
      defaultValue = "75",
      description = "Characters of a patch's value (${DEFAULT-VALUE}).")
  private int length;

  @Option(names = "--warm-up", defaultValue = "4", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(names = "--seconds", defaultValue = "6", description = "Measured (${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws IOException {
    Limits.check("--subscribers", subscribers, 1, Limits.CONNECTIONS);
    Limits.check("--rate", rate, 1, Limits.RATE);
    Limits.check("--seats", seats, 1, Limits.SEATS);
    Limits.check("--length", length, 0, Limits.LENGTH);
    Limits.checkSeconds(warmUp, seconds);
    var settings = new Fanout.Settings(subscribers, rate, seats, length, warmUp, seconds);
    return server.with(
        target ->
            rounds.run(
                spec,
                "fanout",
                List.of(subscribers),
                each -> new Fanout(settings, target).run("fanout")));
  }
}
