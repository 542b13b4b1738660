package io.millrace.server.cli;

import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.http.HttpBindException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace start}: runs a server until the process is told to end. */
@Command(
    name = "start",
    description = "Start a server; it runs until SIGTERM or Ctrl-C and then stops in good order.",
    mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(StartCommand.class);

  private final ServerStarter starter;
  private final Map<String, String> environment;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption configOption;

  StartCommand(ServerStarter starter, Map<String, String> environment) {
    this.starter = starter;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    return configOption.load(environment, this::start);
  }

  private int start(MillraceConfig config) {
    PrintWriter out = spec.commandLine().getOut();
    if (!configOption.isGiven()) {
      out.println("No --config: the built-in defaults are in force (see: millrace config show)");
    }
    RunningServer server;
    try {
      server = starter.start(config);
    } catch (RuntimeException e) {
      log.debug("the start failed", e);
      spec.commandLine().getErr().println("millrace: " + reason(e));
      return ExitCode.FAILURE;
    }
    var stop = new StopOnSignal(server);
    stop.install();
    out.println(readyLine(config, server.port()));
    out.flush();
    return stop.await();
  }

  static String readyLine(MillraceConfig config, int port) {
    return "Millrace %s listens on http://%s:%d, storage %s, %s, ready"
        .formatted(
            Version.current(),
            bracketed(config.server().host()),
            port,
            storage(config.storage()),
            kafka(config.kafka().sources().size()));
  }

  private static String storage(StorageConfig storage) {
    return switch (storage.type()) {
      case NONE -> "none";
      case SQLITE -> "sqlite " + storage.path();
      case POSTGRES -> "postgres " + String.valueOf(storage.url()).replaceFirst("\\?.*", "");
    };
  }

  private static String kafka(int sources) {
    return switch (sources) {
      case 0 -> "no Kafka source";
      case 1 -> "1 Kafka source";
      default -> sources + " Kafka sources";
    };
  }

  /** IPv6 addresses stand in brackets before a port. */
  private static String bracketed(String host) {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  /** One line for people; the stack is in the log at debug. */
  private static String reason(Throwable failure) {
    // What refuses a configuration says it for people; the name of an exception would not help.
    boolean isForPeople = failure instanceof IllegalStateException && failure.getMessage() != null;
    var text =
        new StringBuilder("cannot start: ").append(isForPeople ? failure.getMessage() : failure);
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpBindException) {
        return String.valueOf(cause.getMessage());
      }
      if (cause != failure && text.indexOf(String.valueOf(cause.getMessage())) < 0) {
        text.append(": ").append(cause);
      }
    }
    return text.toString().replaceAll("\\s+", " ") + " (MILLRACE_LOG_LEVEL=debug shows more)";
  }
}
