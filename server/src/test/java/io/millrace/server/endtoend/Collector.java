package io.millrace.server.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** A collector of spans that speaks OTLP over HTTP, as far as servers need it. */
final class Collector implements AutoCloseable {

  /** A span, with ids as hexadecimal text and attributes as text. */
  record Seen(
      String name,
      String traceId,
      String spanId,
      String parent,
      String node,
      Span whole,
      Map<String, String> attributes) {

    String attribute(String name) {
      return attributes.getOrDefault(name, "");
    }
  }

  private final HttpServer server;
  private final List<Seen> spans = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();

  private Collector(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  static Collector start() {
    return new Collector(0);
  }

  static Collector startAt(int port) {
    return new Collector(port);
  }

  /** Has a server send everything here. */
  String yaml(String sampling) {
    return yaml(server.getAddress().getPort(), sampling);
  }

  static String yaml(int port, String sampling) {
    return """
    tracing: { enabled: true, endpoint: "http://127.0.0.1:%d/", sampling: %s, \
    headers: { x-key: sesame } }\
    """
        .formatted(port, sampling);
  }

  List<Seen> spans() {
    return List.copyOf(spans);
  }

  /** The spans of one trace. */
  List<Seen> trace(String id) {
    return spans.stream().filter(span -> span.traceId().equals(id)).toList();
  }

  /** The header that requests had. */
  List<String> keys() {
    return List.copyOf(keys);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      keys.addAll(exchange.getRequestHeaders().get("x-key"));
      ExportTraceServiceRequest request =
          ExportTraceServiceRequest.parseFrom(new GZIPInputStream(body));
      for (ResourceSpans each : request.getResourceSpansList()) {
        String node =
            text(each.getResource().getAttributesList()).getOrDefault("service.instance.id", "");
        each.getScopeSpansList().stream()
            .flatMap(scope -> scope.getSpansList().stream())
            .forEach(span -> spans.add(seen(span, node)));
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Seen seen(Span span, String node) {
    HexFormat hex = HexFormat.of();
    return new Seen(
        span.getName(),
        hex.formatHex(span.getTraceId().toByteArray()),
        hex.formatHex(span.getSpanId().toByteArray()),
        hex.formatHex(span.getParentSpanId().toByteArray()),
        node,
        span,
        text(span.getAttributesList()));
  }

  private static Map<String, String> text(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                each ->
                    each.getValue().hasIntValue()
                        ? Long.toString(each.getValue().getIntValue())
                        : each.getValue().getStringValue()));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
