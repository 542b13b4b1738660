package io.millrace.examples.onsale;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The main job in one command: {@code bin/millrace demo}. */
@Command(
    name = "millrace demo",
    description = {
      "An arena on sale: a real Kafka broker and a server in this JVM, Hosts that push seat"
          + " deltas into Kafka, and a seat map to open in the browser.",
      "With --headless: no page, but a subscriber that counts and checks everything it is told."
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything that was produced arrived",
      "1:something was lost, or could not be started",
      "2:bad usage"
    })
public final class Demo implements Callable<Integer> {
  private static final int DEFAULT_PORT = 6020;
  private static final double DEFAULT_RATE = 2_000;
  private static final double HEADLESS_RATE = 3_000;

  @Option(names = "--headless", description = "Run for a while without a page, count, and end.")
  private boolean headless;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long a headless run produces; default: ${DEFAULT-VALUE}.",
      defaultValue = "20")
  private int seconds;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "The server's port, 0 for a free one; default: " + DEFAULT_PORT + ", headless 0.")
  private @Nullable Integer port;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Deltas per second of all Hosts; default: 2000, headless 3000.")
  private @Nullable Double rate;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "How many Hosts share the 60 sections; default: ${DEFAULT-VALUE}.",
      defaultValue = "6")
  private int hosts;

  @Option(names = "--help", usageHelp = true, description = "Show this and end.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  public static void main(String[] arguments) {
    System.setProperty("logback.configurationFile", "io/millrace/examples/onsale/logback.xml");
    System.exit(
        new CommandLine(new Demo())
            .setExecutionExceptionHandler((fault, command, parsed) -> explain(fault, command))
            .execute(arguments));
  }

  private static int explain(Exception fault, CommandLine command) {
    command.getErr().println("millrace demo: " + fault.getMessage());
    for (Throwable cause = fault.getCause(); cause != null; cause = cause.getCause()) {
      command.getErr().println("  because: " + cause);
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  @Override
  public Integer call() throws Exception {
    check(seconds >= 1, "--seconds must be 1 or more");
    check(hosts >= 1 && hosts <= Venue.SECTIONS.size(), "--hosts must be from 1 to 60");
    check(rate == null || (rate > 0 && rate <= 1_000_000), "--rate must be above 0");
    check(port == null || (port >= 0 && port <= 65_535), "--port must be from 0 to 65535");
    return headless
        ? new HeadlessRun(
                System.out,
                port == null ? 0 : port,
                rate == null ? HEADLESS_RATE : rate,
                hosts,
                seconds)
            .run()
        : new OpenHouse(
                System.out,
                port == null ? DEFAULT_PORT : port,
                rate == null ? DEFAULT_RATE : rate,
                hosts)
            .run();
  }

  private void check(boolean good, String fault) {
    if (!good && spec != null) {
      throw new ParameterException(spec.commandLine(), fault);
    }
  }
}
