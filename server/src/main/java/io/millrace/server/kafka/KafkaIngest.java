package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import io.millrace.server.format.PayloadFormats;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.tracing.Tracing;
import java.time.Clock;
import java.util.List;

/**
 * Deltas from Kafka: one consumer and one poll thread per configured source.
 *
 * <p>Each message takes effect at least once as far as this class goes, and exactly once together
 * with a sink that knows positions: progress is stored only after the sink has completed, and what
 * was handed over and not completed is handed over again, by this node or another. Messages that
 * can never be applied go to a dead-letter topic. A broker that is away, at the start or later, is
 * waited for.
 */
public final class KafkaIngest implements AutoCloseable {
  private final List<SourceConsumer> consumers;
  private final DeadLetters deadLetters;
  private final PayloadFormats formats;

  /**
   * @param cluster our own name: what it wrote is left out where it is read again
   * @param progress used by the poll threads only
   * @throws IllegalArgumentException if the configuration makes no sense; the text says why.
   *     Nothing is connected here.
   */
  public KafkaIngest(
      KafkaConfig config,
      String cluster,
      DeltaSink sink,
      ProgressStore progress,
      IngestMetrics metrics,
      Tracing tracing) {
    String bootstrapServers = config.bootstrapServers();
    if (bootstrapServers == null && !config.sources().isEmpty()) {
      throw new IllegalArgumentException("kafka.sources need kafka.bootstrapServers");
    }
    SourceChecks.check(config.sources());
    ClientSettings settings =
        new ClientSettings(bootstrapServers == null ? "" : bootstrapServers, config.properties());
    formats = new PayloadFormats(config);
    deadLetters = new DeadLetters(settings, Clock.systemUTC());
    consumers =
        config.sources().stream()
            .map(source -> consumer(source, cluster, settings, sink, progress, metrics, tracing))
            .toList();
  }

  private SourceConsumer consumer(
      KafkaConfig.Source source,
      String cluster,
      ClientSettings settings,
      DeltaSink sink,
      ProgressStore progress,
      IngestMetrics metrics,
      Tracing tracing) {
    try {
      settings.check(source);
      Delivery delivery =
          new Delivery(
              source.name(),
              new SourceMapping(source, formats.key(source), formats.value(source), cluster),
              sink,
              (message, reason) -> deadLetters.send(source, message, reason),
              new InFlight(source.maxInFlight().bytes()),
              metrics,
              System::nanoTime,
              new MessageTraces(tracing, source.name(), ClientSettings.group(source)));
      return new SourceConsumer(
          source, settings, delivery, new StoredProgress(source, progress), metrics);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "kafka source " + source.name() + ": " + e.getMessage(), e);
    }
  }

  /** Starts the poll threads and returns; call once. */
  public void start() {
    consumers.forEach(SourceConsumer::start);
  }

  /**
   * Whether every source has been told its partitions (which may be none, when other nodes have
   * them) and knows where to read them from.
   */
  public boolean assigned() {
    return consumers.stream().allMatch(SourceConsumer::assigned);
  }

  /** The formats of the sources, and how their schema registry is. */
  public PayloadFormats formats() {
    return formats;
  }

  /**
   * Stops reading, gives what is under way some seconds to complete, stores progress and leaves the
   * groups. Blocks for that long.
   */
  @Override
  public void close() {
    consumers.forEach(SourceConsumer::stop);
    consumers.forEach(SourceConsumer::join);
    deadLetters.close();
    formats.close();
  }
}
