package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace set}: writes a whole record. */
@Command(
    name = "set",
    description = "Write a whole record, whatever its version is; it is created if need be.",
    mixinStandardHelpOptions = true)
final class SetCommand extends RemoteCommand {
  @Parameters(
      index = "1",
      paramLabel = "JSON",
      description = "An object or an array; - reads it from standard input.")
  private String data = "";

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    String unused = server.ask("PUT", "records", name(), json(data), JSON);
    return ExitCode.OK;
  }
}
