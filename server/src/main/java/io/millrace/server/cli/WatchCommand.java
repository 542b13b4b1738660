package io.millrace.server.cli;

import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code millrace watch}: prints a record and each of its changes, until it is interrupted. */
@Command(
    name = "watch",
    description = {
      "Print a record and each change of it, one line each: version, kind, data.",
      "Ends with the record's deletion, or with Ctrl-C; a lost connection is taken up again."
    },
    mixinStandardHelpOptions = true)
final class WatchCommand extends RemoteCommand {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private @Nullable String lastId;
  private String event = "message";
  private boolean deleted;

  @Override
  int run(RemoteServer server) throws IOException, InterruptedException, RefusedException {
    boolean connected = false;
    while (!deleted) {
      try (Stream<String> lines = server.stream(name(), lastId)) {
        connected = true;
        for (Iterator<String> each = lines.iterator(); !deleted && each.hasNext(); ) {
          take(each.next());
        }
      } catch (IOException | UncheckedIOException e) {
        if (!connected && e instanceof IOException first) {
          throw first;
        }
      }
      if (!deleted) {
        err().println("millrace: the connection was lost, trying again");
        Thread.sleep(PAUSE);
      }
    }
    return ExitCode.OK;
  }

  /** One line of the stream (WHATWG HTML, "server-sent events"). */
  private void take(String line) {
    if (line.startsWith("id:")) {
      lastId = line.substring(3).strip();
    } else if (line.startsWith("event:")) {
      event = line.substring(6).strip();
    } else if (line.startsWith("data:")) {
      out().println((lastId == null ? "" : lastId + " ") + event + " " + line.substring(5).strip());
      out().flush();
      deleted = event.equals("deleted");
    } else if (line.isEmpty()) {
      event = "message";
    }
  }
}
