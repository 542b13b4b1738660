package io.millrace.server.cli;

import java.io.InputStream;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace}: the root of all commands. */
@Command(
    name = "millrace",
    description = "A realtime data-sync server: records, and every change on every screen.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 ok, 1 failure, 2 wrong usage or configuration.",
      "Environment: MILLRACE_LOG_LEVEL (info), and for bin/millrace MILLRACE_JAVA, MILLRACE_HEAP,",
      "MILLRACE_JAVA_OPTS."
    })
public final class MillraceCommand implements Runnable {
  @Spec private CommandSpec spec;

  private MillraceCommand() {}

  /**
   * The whole command line, ready to be executed.
   *
   * @param starter what {@code start} starts
   * @param environment the variables that configuration files may name
   */
  public static CommandLine commandLine(ServerStarter starter, Map<String, String> environment) {
    return commandLine(starter, environment, System.in);
  }

  static CommandLine commandLine(
      ServerStarter starter, Map<String, String> environment, InputStream in) {
    return new CommandLine(new MillraceCommand())
        .addSubcommand(new StartCommand(starter, environment))
        .addSubcommand(new DemoCommand())
        .addSubcommand(new HashCommand(in))
        .addSubcommand(new BenchCommand())
        .addSubcommand(new GetCommand())
        .addSubcommand(new SetCommand())
        .addSubcommand(new PatchCommand())
        .addSubcommand(new DeleteCommand())
        .addSubcommand(new WatchCommand())
        .addSubcommand(new EmitCommand())
        .addSubcommand(new CallCommand())
        .addSubcommand(
            new CommandLine(new KafkaCommand())
                .addSubcommand(new KafkaTryCommand(environment, in, KafkaTryCommand.BUILT_IN))
                .addSubcommand(new KafkaReplayCommand(environment)))
        .addSubcommand(
            new CommandLine(new ConfigCommand())
                .addSubcommand(new ConfigCheckCommand(environment))
                .addSubcommand(new ConfigShowCommand(environment)));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do:");
  }
}
