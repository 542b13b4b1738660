package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace call}: calls a remote procedure. */
@Command(
    name = "call",
    description = "Call a remote procedure and print its result.",
    mixinStandardHelpOptions = true)
final class CallCommand extends RemoteCommand {
  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "JSON",
      description = "The argument; - reads it from standard input.")
  private @Nullable String data;

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    print(server.ask("POST", "rpc", name(), data == null ? null : json(data), JSON));
    return ExitCode.OK;
  }
}
