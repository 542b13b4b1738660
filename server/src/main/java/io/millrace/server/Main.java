package io.millrace.server;

import io.millrace.server.cli.MillraceCommand;
import io.millrace.server.cli.RunningServer;

/** Parses arguments, starts, waits, stops: nothing else. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int exitCode =
        MillraceCommand.commandLine(
                config -> {
                  Assembly assembly = Assembly.start(config);
                  return new RunningServer(assembly.port(), assembly::close);
                },
                System.getenv())
            .execute(arguments);
    System.exit(exitCode);
  }
}
