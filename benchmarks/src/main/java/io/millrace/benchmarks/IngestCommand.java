package io.millrace.benchmarks;

import io.millrace.testkit.EmbeddedKafka;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench ingest}. */
@Command(
    name = "ingest",
    description = {
      "Deltas from a Kafka broker in this program's process to a server in its own.",
      "As fast as they are read, and beside it what a bare consumer costs that only parses them;",
      "or, with --rate, so many per second and how long they take to a client's callback."
    },
    mixinStandardHelpOptions = true)
final class IngestCommand implements Callable<Integer> {
  private static final int MOST_DELTAS = 5_000_000;
  private static final int MOST_RATE = 200_000;
  private static final int MOST_PARTITIONS = 64;

  @Spec private CommandSpec spec;
  @Mixin private ServerOptions server;
  @Mixin private Rounds rounds;

  @Option(
      names = "--deltas",
      defaultValue = "500000",
      description = "Per round (${DEFAULT-VALUE}).")
  private int deltas;

  @Option(names = "--records", defaultValue = "10000", description = "${DEFAULT-VALUE}")
  private int records;

  @Option(names = "--partitions", defaultValue = "8", description = "${DEFAULT-VALUE}")
  private int partitions;

  @Option(
      names = "--length",
      defaultValue = "200",
      description = "Bytes of a message's value (${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description = "Deltas/s; 0 for as fast as can be (${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--followed",
      defaultValue = "100",
      description = "Records that a client follows when there is a rate (${DEFAULT-VALUE}).")
  private int followed;

  @Override
  public Integer call() throws IOException {
    Limits.check("--deltas", deltas, 1_000, MOST_DELTAS);
    Limits.check("--records", records, 1, MOST_DELTAS);
    Limits.check("--partitions", partitions, 1, MOST_PARTITIONS);
    Limits.check("--length", length, 60, Limits.LENGTH);
    Limits.check("--rate", rate, 0, MOST_RATE);
    Limits.check("--followed", followed, 1, records);
    var settings = new Ingest.Settings(deltas, records, partitions, length, rate, followed);
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic(Ingest.TOPIC, partitions);
      return server.withOwn(
          Ingest.config(kafka.bootstrapServers()),
          target -> {
            try (Ingest ingest = new Ingest(settings, target, kafka.bootstrapServers())) {
              return rounds.run(spec, "ingest", List.of(rate), each -> ingest.run());
            }
          });
    }
  }
}
