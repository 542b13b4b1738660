package io.millrace.server.record;

import io.millrace.server.tracing.TraceContext;
import io.millrace.server.tracing.Tracing;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One change on its way from the home loop to the subscribers of all loops; ends when the last loop
 * has had it. Thread-safe.
 *
 * <p>A slow reader for whom several changes become one newer state is counted as conflated by each
 * of them; that state belongs to none of them and has no span. Nor has a state that is read because
 * a change was missing.
 */
final class DeliverySpan {
  private final Tracing tracing;
  private final TraceContext cause;
  private final String record;
  private final int version;
  private final long began = Tracing.epochNanos();
  private final AtomicInteger handed = new AtomicInteger();
  private final AtomicInteger conflated = new AtomicInteger();

  /** The home loop is one that is waited for: else it could end before all are known. */
  private final AtomicInteger open = new AtomicInteger(1);

  private DeliverySpan(Tracing tracing, RecordChange change, TraceContext cause) {
    this.tracing = tracing;
    this.cause = cause;
    this.record = change.name().value();
    this.version = change.version();
  }

  /** Null if nobody wants to know. */
  static @Nullable DeliverySpan begin(Tracing tracing, RecordChange change) {
    TraceContext cause = change.trace();
    return cause == null || !cause.isSampled() || !tracing.isOn()
        ? null
        : new DeliverySpan(tracing, change, cause);
  }

  /** One more will say {@link #handed}. On the home loop. */
  void expect() {
    open.incrementAndGet();
  }

  /** One has done its part: so many were sent the change, so many are to get a newer state. */
  void handed(int delivered, int slow) {
    handed.addAndGet(delivered);
    conflated.addAndGet(slow);
    if (open.decrementAndGet() == 0) {
      tracing.delivered(cause, began, record, version, handed.get(), conflated.get());
    }
  }
}
