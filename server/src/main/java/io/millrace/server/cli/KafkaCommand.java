package io.millrace.server.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace kafka}: what has to do with the log that Hosts write to. */
@Command(
    name = "kafka",
    description = "Look at what messages of Kafka do to records.",
    mixinStandardHelpOptions = true)
final class KafkaCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do:");
  }
}
