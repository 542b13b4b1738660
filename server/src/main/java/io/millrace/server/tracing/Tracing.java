package io.millrace.server.tracing;

import io.millrace.server.config.TracingConfig;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node does about traces: a message that came from a log becomes a span {@code ingest}, each
 * change of a record that it leads to a span {@code apply}, and what each node makes of that change
 * for its clients a span {@code deliver}; each is a child of the one before. Spans hold names,
 * numbers and outcomes, never payloads. Never blocks: what cannot be sent in time is dropped.
 *
 * <p>Whether a trace is recorded is decided where it begins. A context that is not sampled makes no
 * spans and is passed on.
 */
public interface Tracing extends AutoCloseable {

  /** Records nothing, and passes on what other nodes say. */
  Tracing OFF = new OffTracing();

  /** Headers that came with something. */
  interface Headers {
    /** The header's value, null if there is none. */
    @Nullable String get(String name);
  }

  /**
   * Starts as configured; nothing is connected before there are spans.
   *
   * @param node this node's name in spans
   */
  static Tracing open(TracingConfig config, String node, SpanCounter counter) {
    return config.enabled() ? OpenTelemetryTracing.open(config, node, counter) : OFF;
  }

  /** Now, in nanoseconds since 1970. */
  static long epochNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  /** Whether messages without a context may begin a trace, and those with one are to be asked. */
  boolean isOn();

  /**
   * A message is about to become record changes. It continues the trace that its headers name;
   * without a valid one it may begin a trace, as {@code tracing.sampling} says.
   *
   * @return null if nobody wants to know of it
   */
  @Nullable IngestSpan ingest(
      String source, String group, String topic, int partition, long offset, Headers headers);

  /** The trace that a request's headers name, null if none, or none that is valid. */
  @Nullable TraceContext received(Headers headers);

  /**
   * A record has changed.
   *
   * @param began since when it was worked on, as {@link #epochNanos}
   * @return what follows from the change is a child of this
   */
  TraceContext applied(TraceContext cause, long began, String record, int version);

  /**
   * A change has been passed on to this node's clients.
   *
   * @param handed to how many of them
   * @param conflated how many read too slowly, and get it as part of a newer state
   */
  void delivered(
      TraceContext cause, long began, String record, int version, int handed, int conflated);

  /** Says the context as headers. */
  void send(TraceContext context, BiConsumer<String, String> headers);

  /** Sends what is left, for some seconds at most. */
  @Override
  void close();
}
