package io.millrace.server.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Contexts of ours, of OpenTelemetry and of headers as each other. */
final class Contexts {
  private static final String STATE = "tracestate";
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<Tracing.Headers> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Tracing.Headers headers) {
          return List.of();
        }

        @Override
        public @Nullable String get(Tracing.@Nullable Headers headers, String name) {
          return headers == null ? null : headers.get(name);
        }
      };

  private Contexts() {}

  /** What headers say; null if that is nothing, or not valid. */
  static @Nullable TraceContext read(Tracing.Headers headers) {
    SpanContext found = parse(headers);
    return found.isValid() ? of(found, headers.get(STATE)) : null;
  }

  private static SpanContext parse(Tracing.Headers headers) {
    return Span.fromContext(W3C.extract(Context.root(), headers, GETTER)).getSpanContext();
  }

  /**
   * @param state its state as text
   */
  static TraceContext of(SpanContext context, @Nullable String state) {
    String traceId = context.getTraceId();
    return new TraceContext(
        Long.parseUnsignedLong(traceId, 0, 16, 16),
        Long.parseUnsignedLong(traceId, 16, 32, 16),
        Long.parseUnsignedLong(context.getSpanId(), 16),
        context.getTraceFlags().asByte(),
        context.getTraceState().isEmpty() ? null : state);
  }

  /** As the parent of what is done next. */
  static Context parent(TraceContext context) {
    return Context.root().with(Span.wrap(spanContext(context)));
  }

  static void write(TraceContext context, BiConsumer<String, String> headers) {
    W3C.inject(
        parent(context),
        headers,
        (carrier, name, value) -> {
          if (carrier != null) {
            carrier.accept(name, value);
          }
        });
  }

  private static SpanContext spanContext(TraceContext context) {
    SpanContext bare = spanContext(context, TraceState.getDefault());
    String state = context.state();
    return state == null ? bare : spanContext(context, state(bare, state));
  }

  /** There is no other way to read one than with the span that it belongs to. */
  private static TraceState state(SpanContext bare, String state) {
    String parent =
        "00-%s-%s-%s".formatted(bare.getTraceId(), bare.getSpanId(), bare.getTraceFlags().asHex());
    return parse(name -> name.equals(STATE) ? state : parent).getTraceState();
  }

  private static SpanContext spanContext(TraceContext context, TraceState state) {
    return SpanContext.createFromRemoteParent(
        TraceId.fromLongs(context.traceHigh(), context.traceLow()),
        SpanId.fromLong(context.spanId()),
        TraceFlags.fromByte(context.flags()),
        state);
  }
}
