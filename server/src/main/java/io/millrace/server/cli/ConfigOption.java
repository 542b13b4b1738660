package io.millrace.server.cli;

import io.millrace.server.auth.AuthChain;
import io.millrace.server.config.ConfigFault;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.ConfigResult;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.PermissionConfig;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.permission.WatchedRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --config FILE}, and what every command does with it. */
final class ConfigOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration; without it, the built-in defaults.")
  private @Nullable Path file;

  /** Goes on with the configuration, or prints a line for each fault. */
  int load(Map<String, String> environment, ToIntFunction<MillraceConfig> then) {
    return switch (ConfigLoader.load(file, environment)) {
      case ConfigResult.Loaded(var config) -> {
        List<String> faults = new ArrayList<>(AuthChain.check(config.auth()));
        permissionFaults(config.permission()).forEach(fault -> faults.add(fault.toString()));
        faults.addAll(mappingFaults(config.kafka().sources()));
        yield faults.isEmpty() ? then.applyAsInt(config) : print(faults);
      }
      case ConfigResult.Faulty(var faults) ->
          print(faults.stream().map(ConfigFault::toString).toList());
    };
  }

  /** Files of users, keys and rules are part of the configuration, though they stand apart. */
  private static List<ConfigFault> permissionFaults(PermissionConfig config) {
    return switch (config.type()) {
      case OPEN -> List.of();
      case CONFIG -> WatchedRules.check(config.file());
    };
  }

  private static List<String> mappingFaults(List<KafkaConfig.Source> sources) {
    List<String> faults = new ArrayList<>();
    for (KafkaConfig.Source source : sources) {
      try {
        SourceMapping unused = new SourceMapping(source);
      } catch (IllegalArgumentException e) {
        faults.add("kafka source " + source.name() + ": " + e.getMessage());
      }
    }
    return faults;
  }

  private int print(List<String> faults) {
    faults.forEach(command.commandLine().getErr()::println);
    return ExitCode.USAGE;
  }

  /** Where the configuration comes from, for people. */
  String source() {
    return file == null ? "built-in defaults" : file.toString();
  }

  boolean isGiven() {
    return file != null;
  }
}
