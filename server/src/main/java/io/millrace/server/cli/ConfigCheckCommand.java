package io.millrace.server.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace config check}: says every fault of a configuration. */
@Command(
    name = "check",
    description = "Say what is wrong with a configuration, a line for each fault.",
    mixinStandardHelpOptions = true)
final class ConfigCheckCommand implements Callable<Integer> {
  private final Map<String, String> environment;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption configOption;

  ConfigCheckCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    return configOption.load(
        environment,
        config -> {
          spec.commandLine().getOut().println(configOption.source() + ": ok");
          return ExitCode.OK;
        });
  }
}
