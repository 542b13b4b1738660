package io.millrace.server.cli;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.mapping.JsonFormat;
import io.millrace.server.mapping.Mapped;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.mapping.SourceMessage;
import io.millrace.server.mapping.TextFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace kafka try}: what messages would do, without a broker. */
@Command(
    name = "try",
    description = {
      "Print the record changes that messages would make, without a broker or a server.",
      ""
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The input has a message on each line:",
      "  {\"key\": \"S-07\", \"value\": {\"seat\": \"12-7\"}, \"headers\": {\"op\": \"patch\"},",
      "   \"timestamp\": 1700000000000, \"topic\": \"seat-deltas\"}",
      "All of it may be left out: no value is a tombstone. keyBase64 and valueBase64 are bytes.",
      "",
      "Example:",
      "  echo '{\"key\":\"S-07\",\"value\":{\"seat\":\"12-7\",\"state\":\"sold\"}}' |",
      "    bin/millrace kafka try --config millrace.yml --source seats --input -",
      "prints: the record, the operation, the path and the data of each change",
      "  venue/S-07  patch  seats.12-7  \"sold\"",
      "",
      "Exit codes: 0 ok, 1 a message was refused: a dead letter, 2 wrong usage, configuration",
      "or input."
    })
final class KafkaTryCommand implements Callable<Integer> {

  /** How a source's messages are read. */
  @FunctionalInterface
  interface Mappings {
    SourceMapping of(MillraceConfig config, KafkaConfig.Source source);
  }

  /** The formats that need nothing else. */
  static final Mappings BUILT_IN =
      (config, source) ->
          new SourceMapping(
              source, TextFormat.INSTANCE, JsonFormat.INSTANCE, config.cluster().name());

  /** For what a message needs of elsewhere, as its schema. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Map<String, String> environment;
  private final InputStream in;
  private final Mappings mappings;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption configOption;

  @Option(
      names = "--source",
      required = true,
      paramLabel = "NAME",
      description = "The name of the source in kafka.sources.")
  private String source = "";

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "The messages, one on each line; - is standard input.")
  private String input = "";

  @Option(names = "--raw", description = "Lines are values as they are, without key and headers.")
  private boolean raw;

  @Option(names = "--json", description = "Print a JSON object for each change.")
  private boolean json;

  /**
   * @param in what {@code --input -} reads
   */
  KafkaTryCommand(Map<String, String> environment, InputStream in, Mappings mappings) {
    this.environment = environment;
    this.in = in;
    this.mappings = mappings;
  }

  @Override
  public Integer call() {
    return configOption.load(environment, this::run);
  }

  private int run(MillraceConfig config) {
    List<KafkaConfig.Source> sources = config.kafka().sources();
    KafkaConfig.Source chosen =
        sources.stream()
            .filter(each -> each.name().equals(source))
            .findFirst()
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "%s has no kafka source '%s'; it has: %s"
                            .formatted(
                                configOption.source(),
                                source,
                                String.join(
                                    ", ",
                                    sources.stream().map(KafkaConfig.Source::name).toList()))));
    PrintWriter out = spec.commandLine().getOut();
    try (BufferedReader lines = open()) {
      return run(mappings.of(config, chosen), new TryInput(chosen, raw), lines, out);
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), "Cannot read " + input + ": " + e, e);
    } finally {
      out.flush();
    }
  }

  private BufferedReader open() throws IOException {
    // Bytes that are no UTF-8 belong into valueBase64: a lenient reader would change them silently.
    return input.equals("-")
        ? new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))
        : Files.newBufferedReader(Path.of(input));
  }

  private int run(SourceMapping mapping, TryInput reader, BufferedReader lines, PrintWriter out)
      throws IOException {
    TryReport report = new TryReport(out, json);
    boolean allGood = true;
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      int at = number;
      SourceMessage message =
          reader
              .message(line, number - 1L)
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "Line %d of %s is no message: a JSON object of %s"
                              .formatted(at, input, String.join(", ", TryInput.KEYS))));
      allGood &= report.print(number, map(mapping, message), () -> mapping.skipReason(message));
    }
    return allGood ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static Mapped map(SourceMapping mapping, SourceMessage message) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Mapped mapped = mapping.map(message);
    while (mapped instanceof Mapped.Unavailable(String reason, var until)
        && await(until, deadline - System.nanoTime())) {
      mapped = mapping.map(message);
    }
    return mapped;
  }

  /** Whether it ended in time, however it ended. */
  private static boolean await(CompletionStage<?> stage, long nanos) {
    try {
      Object unused = stage.toCompletableFuture().get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      return nanos > 0;
    } catch (ExecutionException e) {
      return nanos > 0;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
