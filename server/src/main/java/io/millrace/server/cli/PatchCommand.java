package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace patch}: changes parts of a record. */
@Command(
    name = "patch",
    description =
        "Change parts of a record: a JSON Merge Patch, or a JSON Patch if it is an array.",
    mixinStandardHelpOptions = true)
final class PatchCommand extends RemoteCommand {
  @Parameters(
      index = "1",
      paramLabel = "JSON",
      description = "The patch; - reads it from standard input.")
  private String data = "";

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    String patch = json(data);
    String type = patch.stripLeading().startsWith("[") ? "json-patch+json" : "merge-patch+json";
    String unused = server.ask("PATCH", "records", name(), patch, "application/" + type);
    return ExitCode.OK;
  }
}
