package io.millrace.server.observability;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The meters of one server, as counters and gauges, and as Prometheus text. Thread-safe. */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, AtomicLong> levels = new ConcurrentHashMap<>();

  /** A counter without labels; to be asked for once and kept. */
  public Counter counter(Meter meter) {
    return counter(meter, Tags.empty());
  }

  /** A counter of one source. */
  public Counter counter(Meter meter, String source) {
    return counter(meter, Tags.of("source", source));
  }

  /** A counter of one kind of what is counted. */
  public Counter counter(Meter meter, String label, String value) {
    return counter(meter, Tags.of(label, value));
  }

  private Counter counter(Meter meter, Tags tags) {
    return Counter.builder(meter.id())
        .description(meter.description())
        .tags(tags)
        .register(registry);
  }

  /** A value that is read when metrics are. */
  public void gauge(Meter meter, Supplier<Number> value) {
    var unused =
        Gauge.builder(meter.id(), value).description(meter.description()).register(registry);
  }

  /** A value of one kind that is read when metrics are. */
  public void gauge(Meter meter, String label, String kind, Supplier<Number> value) {
    var unused =
        Gauge.builder(meter.id(), value)
            .description(meter.description())
            .tag(label, kind)
            .register(registry);
  }

  /** Sets the level of one source. */
  public void level(Meter meter, String source, long value) {
    levels
        .computeIfAbsent(
            meter.id() + "/" + source,
            key -> {
              AtomicLong level = new AtomicLong();
              var unused =
                  Gauge.builder(meter.id(), level, AtomicLong::doubleValue)
                      .description(meter.description())
                      .tag("source", source)
                      .register(registry);
              return level;
            })
        .set(value);
  }

  /** Everything in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }
}
