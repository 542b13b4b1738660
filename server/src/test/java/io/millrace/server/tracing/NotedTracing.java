package io.millrace.server.tracing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Notes what it is told, as lines of text; begins a trace for each message. One thread. */
public final class NotedTracing implements Tracing {

  /** One that is recorded. */
  public static final TraceContext SAMPLED = new TraceContext(1, 2, 3, (byte) 1, null);

  /** One that is not. */
  public static final TraceContext UNSAMPLED = new TraceContext(1, 2, 3, (byte) 0, null);

  private final List<String> notes = new ArrayList<>();
  private boolean on = true;

  /** All that was told. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  public void turnOff() {
    on = false;
  }

  @Override
  public boolean isOn() {
    return on;
  }

  @Override
  public @Nullable IngestSpan ingest(
      String source, String group, String topic, int partition, long offset, Headers headers) {
    String what = "%s %s/%d/%d ".formatted(source, topic, partition, offset);
    return new IngestSpan() {
      @Override
      public TraceContext context() {
        return SAMPLED;
      }

      @Override
      public void end(Outcome outcome) {
        notes.add(what + outcome);
      }
    };
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
      TraceContext cause, long began, String record, int version, int handed, int conflated) {
    notes.add("%s %d to %d, conflated %d".formatted(record, version, handed, conflated));
  }

  @Override
  public void send(TraceContext context, BiConsumer<String, String> headers) {}

  @Override
  public void close() {}
}
