package io.millrace.server;

import io.millrace.server.kafka.IngestMetrics;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;
import java.time.Duration;

/** What ingest counts, as meters. */
final class IngestMeters implements IngestMetrics {
  private final Metrics metrics;

  IngestMeters(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void read(String source, int messages, long bytes) {
    metrics.counter(Meter.INGEST_READ, source).increment(messages);
    metrics.counter(Meter.INGEST_READ_BYTES, source).increment(bytes);
  }

  @Override
  public void applied(String source, Duration took) {
    metrics.counter(Meter.INGEST_APPLIED, source).increment();
  }

  @Override
  public void replayed(String source) {
    metrics.counter(Meter.INGEST_REPLAYED, source).increment();
  }

  @Override
  public void skipped(String source) {
    metrics.counter(Meter.INGEST_SKIPPED, source).increment();
  }

  @Override
  public void sequence(String source, long missing, boolean late) {
    metrics.counter(Meter.INGEST_MISSING, source).increment(missing);
    if (late) {
      metrics.counter(Meter.INGEST_LATE, source).increment();
    }
  }

  @Override
  public void deadLettered(String source) {
    metrics.counter(Meter.INGEST_DEAD, source).increment();
  }

  @Override
  public void failed(String source) {
    metrics.counter(Meter.INGEST_FAILED, source).increment();
  }

  @Override
  public void inFlight(String source, long bytes) {
    metrics.level(Meter.INGEST_IN_FLIGHT, source, bytes);
  }

  @Override
  public void lag(String source, long messages) {
    metrics.level(Meter.INGEST_LAG, source, messages);
  }
}
