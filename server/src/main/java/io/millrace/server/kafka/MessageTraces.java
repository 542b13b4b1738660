package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.millrace.server.tracing.IngestSpan;
import io.millrace.server.tracing.Tracing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Spans of the messages of one source. */
final class MessageTraces {

  /** The headers that are looked at are shorter; what is longer is none of them. */
  private static final int MAX_HEADER_BYTES = 1024;

  private final Tracing tracing;
  private final String source;
  private final String group;

  MessageTraces(Tracing tracing, String source, String group) {
    this.tracing = tracing;
    this.source = source;
    this.group = group;
  }

  /** Null if nobody wants to know of the message. */
  @Nullable IngestSpan begin(ConsumerRecord<byte[], byte[]> message) {
    if (!tracing.isOn()) {
      return null;
    }
    return tracing.ingest(
        source,
        group,
        message.topic(),
        message.partition(),
        message.offset(),
        name -> header(message, name));
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> message, String name) {
    Header header = message.headers().lastHeader(name);
    byte[] value = header == null ? null : header.value();
    return value == null || value.length > MAX_HEADER_BYTES ? null : new String(value, US_ASCII);
  }
}
