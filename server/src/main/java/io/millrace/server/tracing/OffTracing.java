package io.millrace.server.tracing;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Nothing is recorded. What comes from nodes that do passes through. */
final class OffTracing implements Tracing {

  @Override
  public boolean isOn() {
    return false;
  }

  @Override
  public @Nullable IngestSpan ingest(
      String source, String group, String topic, int partition, long offset, Headers headers) {
    return null;
  }

  @Override
  public @Nullable TraceContext received(Headers headers) {
    return null;
  }

  @Override
  public TraceContext applied(TraceContext cause, long began, String record, int version) {
    return cause;
  }

  @Override
  public void delivered(
      TraceContext cause, long began, String record, int version, int handed, int conflated) {}

  @Override
  public void send(TraceContext context, BiConsumer<String, String> headers) {}

  @Override
  public void close() {}
}
