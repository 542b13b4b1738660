package io.millrace.server.cli;

import io.millrace.server.config.ConfigPrinter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace config show}: prints every key with the value in force. */
@Command(
    name = "show",
    description = "Print every key with the value in force; secrets are masked.",
    mixinStandardHelpOptions = true)
final class ConfigShowCommand implements Callable<Integer> {
  private final Map<String, String> environment;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption configOption;

  ConfigShowCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    return configOption.load(
        environment,
        config -> {
          var out = spec.commandLine().getOut();
          out.println("# from " + configOption.source());
          out.print(ConfigPrinter.print(config));
          out.flush();
          return ExitCode.OK;
        });
  }
}
