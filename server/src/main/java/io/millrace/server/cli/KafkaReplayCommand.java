package io.millrace.server.cli;

import io.millrace.server.config.MillraceConfig;
import io.millrace.server.kafka.DeadLetterReplay;
import io.millrace.server.kafka.DeadLetterReplay.Fate;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace kafka replay}: gives dead letters another chance. */
@Command(
    name = "replay",
    description = {
      "Send dead letters once more to the topics that they came from, as they were.",
      "There they are new messages, behind what has come since. Letters that were replayed before",
      "are left out, and so are those that this replay leads to."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example, after a mistake in the configuration of source seats was mended:",
      "  millrace kafka replay --config millrace.yml --dlq seats.dlq --source seats --dry-run",
      "",
      "Exit codes: 0 ok, 1 some letters cannot be replayed or the broker cannot be reached, 2 wrong"
          + " usage."
    })
final class KafkaReplayCommand implements Callable<Integer> {
  private final Map<String, String> environment;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption configOption;

  @Option(
      names = "--dlq",
      required = true,
      paramLabel = "TOPIC",
      description = "The dead-letter topic.")
  private String topic = "";

  @Option(names = "--source", paramLabel = "NAME", description = "Only letters of this source.")
  private @Nullable String source;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Only letters whose reason contains this.")
  private @Nullable String reason;

  @Option(names = "--again", description = "Also those that were replayed before.")
  private boolean again;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  KafkaReplayCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    return configOption.load(environment, this::replay);
  }

  private int replay(MillraceConfig config) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      Map<Fate, Integer> counts =
          new DeadLetterReplay(config.kafka())
              .run(
                  new DeadLetterReplay.Request(topic, source, reason, again, dryRun),
                  letter -> print(out, letter));
      int impossible = counts.getOrDefault(Fate.IMPOSSIBLE, 0);
      out.printf(
          "%d %s, %d left, %d cannot be replayed%n",
          counts.getOrDefault(Fate.REPLAYED, 0),
          dryRun ? "would be replayed" : "replayed",
          counts.getOrDefault(Fate.LEFT, 0),
          impossible);
      out.flush();
      return impossible == 0 ? ExitCode.OK : ExitCode.FAILURE;
    } catch (IllegalArgumentException e) {
      err.println("millrace kafka replay: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (RuntimeException e) {
      err.println("millrace kafka replay: " + e.getMessage());
      return ExitCode.FAILURE;
    }
  }

  private static void print(PrintWriter out, DeadLetterReplay.Letter letter) {
    String what =
        switch (letter.fate()) {
          case REPLAYED -> "replayed";
          case LEFT -> "left";
          case IMPOSSIBLE -> "impossible";
        };
    out.printf(
        "%-10s %s from %s: %s%n",
        what,
        letter.place(),
        letter.origin() == null ? "?" : letter.origin(),
        letter.reason() == null ? "without a reason" : letter.reason());
  }
}
