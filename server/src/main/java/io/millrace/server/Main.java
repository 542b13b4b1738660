package io.millrace.server;

import io.millrace.server.cli.MillraceCommand;
import io.millrace.server.cli.RunningServer;
import java.time.Duration;

/** Parses arguments, starts, waits, stops: nothing else. */
public final class Main {
  /** What may be left to be stored when the node has been drained. */
  private static final Duration STORE_TIME = Duration.ofSeconds(20);

  private Main() {}

  public static void main(String[] arguments) {
    int exitCode =
        MillraceCommand.commandLine(
                config -> {
                  Assembly assembly = Assembly.start(config);
                  return new RunningServer(
                      assembly.port(),
                      assembly::close,
                      config.cluster().drainTimeout().plus(STORE_TIME),
                      assembly.stopRequested());
                },
                System.getenv())
            .execute(arguments);
    System.exit(exitCode);
  }
}
