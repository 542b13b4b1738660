package io.millrace.server;

import io.micrometer.core.instrument.Counter;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;
import io.millrace.server.tracing.SpanCounter;

/** What tracing counts, as meters. */
final class TraceMeters implements SpanCounter {
  private final Counter recorded;
  private final Counter exported;

  TraceMeters(Metrics metrics) {
    this.recorded = metrics.counter(Meter.SPANS_RECORDED);
    this.exported = metrics.counter(Meter.SPANS_EXPORTED);
  }

  @Override
  public void recorded() {
    recorded.increment();
  }

  @Override
  public void exported(int count) {
    exported.increment(count);
  }
}
