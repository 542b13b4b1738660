package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace emit}: sends an event. */
@Command(
    name = "emit",
    description = "Send an event to all who have subscribed to it.",
    mixinStandardHelpOptions = true)
final class EmitCommand extends RemoteCommand {
  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "JSON",
      description = "What it carries; - reads it from standard input.")
  private @Nullable String data;

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    String unused = server.ask("POST", "events", name(), data == null ? null : json(data), JSON);
    return ExitCode.OK;
  }
}
