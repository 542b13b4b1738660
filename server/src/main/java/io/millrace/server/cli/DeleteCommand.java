package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code millrace delete}: deletes a record. */
@Command(
    name = "delete",
    description = "Delete a record, and end all subscriptions to it.",
    mixinStandardHelpOptions = true)
final class DeleteCommand extends RemoteCommand {

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    String unused = server.ask("DELETE", "records", name(), null, JSON);
    return ExitCode.OK;
  }
}
