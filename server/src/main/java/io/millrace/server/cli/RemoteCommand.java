package io.millrace.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.cli.RemoteServer.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands have in common that talk to a running server. */
abstract class RemoteCommand implements Callable<Integer> {
  static final String JSON = "application/json";

  @Spec private CommandSpec spec;
  @Mixin private RemoteOptions options;

  @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
  private String name = "";

  String name() {
    return name;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Carries the command out; the return value is the exit code. */
  abstract int run(RemoteServer server) throws IOException, InterruptedException, RefusedException;

  @Override
  public Integer call() {
    try {
      return run(new RemoteServer(options));
    } catch (RefusedException e) {
      return fail(name + ": " + e.getMessage());
    } catch (ConnectException e) {
      return fail("no server at " + options.url() + " (see --url)");
    } catch (IOException e) {
      return fail(options.url() + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted");
    }
  }

  /** JSON from the command line, from standard input for "-"; wrong usage if it is none. */
  String json(String argument) throws IOException {
    String text = argument;
    if (argument.equals("-")) {
      InputStream input = System.in;
      text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (Json.parse(text).isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "not JSON (a string needs its quotes: '\"text\"'): " + text.strip());
    }
    return text;
  }

  /** Prints a JSON value for people. */
  void print(@Nullable String body) {
    if (body == null || body.isBlank()) {
      return;
    }
    JsonNode value = Json.parse(body).orElse(null);
    out().println(value == null ? body : value.toPrettyString());
  }

  private int fail(String message) {
    err().println("millrace: " + message);
    return ExitCode.FAILURE;
  }
}
