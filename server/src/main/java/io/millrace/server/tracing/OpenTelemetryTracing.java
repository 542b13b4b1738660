package io.millrace.server.tracing;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.millrace.server.config.TracingConfig;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Spans as OpenTelemetry's SDK makes them, sent by OTLP over HTTP. Names of attributes are those of
 * its semantic conventions for messaging, or begin with {@code millrace}.
 */
final class OpenTelemetryTracing implements Tracing {

  /** Spans that wait to be sent, about 1 KiB each; what is more is dropped (P6). */
  private static final int MAX_WAITING = 8192;

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  /** Names of records may be long. */
  private static final int MAX_TEXT = 1024;

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> TOPIC =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  private static final AttributeKey<String> GROUP =
      AttributeKey.stringKey("messaging.consumer.group.name");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("messaging.operation.name");
  private static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> SOURCE = AttributeKey.stringKey("millrace.source");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("millrace.outcome");
  private static final AttributeKey<String> RECORD = AttributeKey.stringKey("millrace.record");
  private static final AttributeKey<Long> VERSION = AttributeKey.longKey("millrace.version");
  private static final AttributeKey<Long> SUBSCRIBERS =
      AttributeKey.longKey("millrace.subscribers");
  private static final AttributeKey<Long> CONFLATED = AttributeKey.longKey("millrace.conflated");

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final SpanCounter counter;
  private final boolean beginsTraces;

  private OpenTelemetryTracing(
      SdkTracerProvider provider, SpanCounter counter, boolean beginsTraces) {
    this.provider = provider;
    this.tracer = provider.get("io.millrace.server");
    this.counter = counter;
    this.beginsTraces = beginsTraces;
  }

  static OpenTelemetryTracing open(TracingConfig config, String node, SpanCounter counter) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(config.endpoint().replaceFirst("/+$", "") + "/v1/traces")
            .setTimeout(config.timeout())
            .setConnectTimeout(config.timeout())
            // What cannot be sent is dropped: trying again would only drop what comes behind it.
            .setRetryPolicy(null)
            .setCompression("gzip");
    config.headers().forEach(exporter::addHeader);
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        config.serviceName(),
                        AttributeKey.stringKey("service.instance.id"),
                        node)))
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sampling())))
            .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(MAX_TEXT).build())
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        new WatchedExporter(exporter.build(), config.endpoint(), counter))
                    .setMaxQueueSize(MAX_WAITING)
                    .setScheduleDelay(INTERVAL)
                    .build())
            .build();
    return new OpenTelemetryTracing(provider, counter, config.sampling() > 0);
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public @Nullable IngestSpan ingest(
      String source, String group, String topic, int partition, long offset, Headers headers) {
    TraceContext parent = Contexts.read(headers);
    if (parent != null && !parent.isSampled()) {
      return new Passed(parent);
    }
    if (parent == null && !beginsTraces) {
      return null;
    }
    Span span =
        tracer
            .spanBuilder("ingest")
            .setParent(parent == null ? Context.root() : Contexts.parent(parent))
            .setSpanKind(SpanKind.CONSUMER)
            .startSpan();
    if (!span.isRecording()) {
      return null;
    }
    span.setAttribute(SYSTEM, "kafka");
    span.setAttribute(OPERATION, "ingest");
    span.setAttribute(OPERATION_TYPE, "process");
    span.setAttribute(TOPIC, topic);
    span.setAttribute(PARTITION, Integer.toString(partition));
    span.setAttribute(OFFSET, offset);
    span.setAttribute(GROUP, group);
    span.setAttribute(SOURCE, source);
    return new Recorded(
        span, Contexts.of(span.getSpanContext(), parent == null ? null : parent.state()));
  }

  /** Whoever began the trace wants it not to be recorded. */
  private record Passed(TraceContext context) implements IngestSpan {
    @Override
    public void end(Outcome outcome) {}
  }

  private final class Recorded implements IngestSpan {
    private final Span span;
    private final TraceContext context;

    Recorded(Span span, TraceContext context) {
      this.span = span;
      this.context = context;
    }

    @Override
    public TraceContext context() {
      return context;
    }

    @Override
    public void end(Outcome outcome) {
      span.setAttribute(OUTCOME, outcome.name().toLowerCase(Locale.ROOT));
      if (outcome == Outcome.REFUSED || outcome == Outcome.FAILED) {
        // Without the reason, which may name what the payload holds.
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
      counter.recorded();
    }
  }

  @Override
  public @Nullable TraceContext received(Headers headers) {
    return Contexts.read(headers);
  }

  @Override
  public TraceContext applied(TraceContext cause, long began, String record, int version) {
    if (!cause.isSampled()) {
      return cause;
    }
    Span span = begin("apply", cause, began, record, version).startSpan();
    end(span);
    return Contexts.of(span.getSpanContext(), cause.state());
  }

  @Override
  public void delivered(
      TraceContext cause, long began, String record, int version, int handed, int conflated) {
    if (cause.isSampled()) {
      end(
          begin("deliver", cause, began, record, version)
              .setAttribute(SUBSCRIBERS, handed)
              .setAttribute(CONFLATED, conflated)
              .startSpan());
    }
  }

  private SpanBuilder begin(
      String name, TraceContext cause, long began, String record, int version) {
    return tracer
        .spanBuilder(name)
        .setParent(Contexts.parent(cause))
        .setStartTimestamp(began, NANOSECONDS)
        .setAttribute(RECORD, record)
        .setAttribute(VERSION, (long) version);
  }

  private void end(Span span) {
    span.end(Tracing.epochNanos(), NANOSECONDS);
    counter.recorded();
  }

  @Override
  public void send(TraceContext context, BiConsumer<String, String> headers) {
    Contexts.write(context, headers);
  }

  @Override
  public void close() {
    provider.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
