package io.millrace.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench large}: {@link Fanout} on records of several sizes, in turns. */
@Command(
    name = "large",
    description = "Patches of one seat in records of several sizes, in turns.",
    mixinStandardHelpOptions = true)
final class LargeCommand implements Callable<Integer> {
  private static final int LENGTH = 75;

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private Rounds rounds;

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "100,1000,5000,20000",
      description = "Seats of the records (${DEFAULT-VALUE}).")
  private List<Integer> sizes = new ArrayList<>();

  @Option(names = "--subscribers", defaultValue = "10", description = "${DEFAULT-VALUE}")
  private int subscribers;

  @Option(names = "--rate", defaultValue = "200", description = "Patches/s (${DEFAULT-VALUE}).")
  private int rate;

  @Option(names = "--warm-up", defaultValue = "2", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(names = "--seconds", defaultValue = "5", description = "Measured (${DEFAULT-VALUE}).")
  private int seconds;

  @Override
  public Integer call() throws IOException {
    sizes.forEach(size -> Limits.check("--sizes", size, 1, Limits.SEATS));
    Limits.check("--subscribers", subscribers, 1, Limits.CONNECTIONS);
    Limits.check("--rate", rate, 1, Limits.RATE);
    Limits.checkSeconds(warmUp, seconds);
    return server.with(
        target ->
            rounds.run(
                spec,
                "large",
                sizes,
                size ->
                    new Fanout(
                            new Fanout.Settings(subscribers, rate, size, LENGTH, warmUp, seconds),
                            target)
                        .run("large")));
  }
}
