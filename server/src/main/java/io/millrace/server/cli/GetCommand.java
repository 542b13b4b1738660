package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code millrace get}: prints a record. */
@Command(name = "get", description = "Print a record.", mixinStandardHelpOptions = true)
final class GetCommand extends RemoteCommand {

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    print(server.ask("GET", "records", name(), null, JSON));
    return ExitCode.OK;
  }
}
