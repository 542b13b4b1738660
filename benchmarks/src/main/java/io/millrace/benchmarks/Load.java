package io.millrace.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.benchmarks.client.LoadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace bench}: the load program. */
@Command(
    name = "millrace bench",
    description =
        "Measure a server: CPU time per unit of work, latencies, memory; one JSON line per run.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 ok, 1 something was lost or went wrong, 2 wrong usage.",
      "docs/benchmarks.md says how to read the figures."
    })
public final class Load implements Runnable {
  private static final int FAILURE = 1;

  @Spec private CommandSpec spec;

  private Load() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine jmh =
        new CommandLine(new JmhCommand()).setUnmatchedOptionsArePositionalParams(true);
    CommandLine all =
        new CommandLine(new Load())
            .addSubcommand(new FanoutCommand())
            .addSubcommand(new LargeCommand())
            .addSubcommand(new WriteCommand())
            .addSubcommand(new RpcCommand())
            .addSubcommand(new IngestCommand())
            .addSubcommand(new ConnectCommand())
            .addSubcommand(jmh);
    return all.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (!(failure instanceof LoadException || failure instanceof Limits.Exceeded)) {
            throw failure;
          }
          command.getErr().println("millrace bench: " + failure.getMessage());
          return failure instanceof Limits.Exceeded ? CommandLine.ExitCode.USAGE : FAILURE;
        });
  }

  /** Prints a result as one line, and says which exit code goes with it. */
  static int report(CommandSpec command, Object result, boolean good) {
    try {
      command
          .commandLine()
          .getOut()
          .println(
              JsonMapper.builder()
                  .defaultPropertyInclusion(
                      JsonInclude.Value.construct(
                          JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                  .build()
                  .writeValueAsString(result));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    command.commandLine().getOut().flush();
    return good ? CommandLine.ExitCode.OK : FAILURE;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to measure:");
  }
}
