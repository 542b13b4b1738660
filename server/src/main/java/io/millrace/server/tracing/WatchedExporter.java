package io.millrace.server.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once when spans cannot be sent, and once when they can again; counts those that were. */
final class WatchedExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedExporter.class);

  /**
   * Says the same again and again, and not to our log: what it drops, our counters tell. Held,
   * because the JDK holds it weakly.
   */
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private final SpanExporter exporter;
  private final String endpoint;
  private final SpanCounter counter;
  private final AtomicBoolean failing = new AtomicBoolean();

  WatchedExporter(SpanExporter exporter, String endpoint, SpanCounter counter) {
    LIBRARY.setLevel(Level.OFF);
    this.exporter = exporter;
    this.endpoint = endpoint;
    this.counter = counter;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> exported(result, count));
  }

  private void exported(CompletableResultCode result, int count) {
    if (result.isSuccess()) {
      counter.exported(count);
      if (failing.compareAndSet(true, false)) {
        LOG.info("spans get to {} again", endpoint);
      }
    } else if (failing.compareAndSet(false, true)) {
      LOG.warn(
          "spans cannot be sent to {} and are dropped until they can: {}",
          endpoint,
          reason(result.getFailureThrowable()));
    }
  }

  /** What the network said, if it did: the rest is how the library came to hear of it. */
  private static String reason(@Nullable Throwable failure) {
    if (failure == null) {
      return "the collector refuses them";
    }
    Throwable cause = failure;
    while (!(cause instanceof IOException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
