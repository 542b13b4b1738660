package io.millrace.server.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.record.Changelog;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.tracing.Tracing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Records and their changes as messages of a changelog. The key is the record's name.
 *
 * <pre>
 * state    value: the data, null when the record was removed
 *          headers: millrace.origin, millrace.version, millrace.incarnation, millrace.positions
 * deltas   value: {"record":NAME,"op":"set|patch|erase|delete","path":PATH,"data":JSON,"version":N}
 *          headers: millrace.origin, millrace.incarnation
 * </pre>
 *
 * <p>Numbers in headers are decimal. Positions are the offsets of the deltas that the state
 * includes, as {@code {"topic/partition":offset}}. A change of several paths is several messages
 * with one version. A change that is traced has {@code traceparent}, too; a state that of the last
 * change in it, unless it is told for the second time.
 */
final class ChangelogMessages {

  static final String VERSION = "millrace.version";
  static final String INCARNATION = "millrace.incarnation";
  static final String POSITIONS = "millrace.positions";

  private final String topic;
  private final byte[] origin;
  private final Tracing tracing;

  ChangelogMessages(String topic, String origin, Tracing tracing) {
    this.topic = topic;
    this.origin = origin.getBytes(UTF_8);
    this.tracing = tracing;
  }

  /** The message of the record's state. */
  ProducerRecord<byte[], byte @Nullable []> state(
      StoredRecord state, @Nullable TraceContext trace) {
    JsonText data = state.data();
    ProducerRecord<byte[], byte @Nullable []> message =
        message(state, state.incarnation(), data == null ? null : encodable(data.text()), trace);
    Headers headers = message.headers();
    headers.add(VERSION, Integer.toString(state.version()).getBytes(UTF_8));
    headers.add(POSITIONS, positions(state.positions()).getBytes(UTF_8));
    return message;
  }

  /** The messages of changes, or of the state if changes are missing. */
  List<ProducerRecord<byte[], byte @Nullable []>> changes(Changelog.Entry entry) {
    StoredRecord state = entry.state();
    List<RecordChange> changes = entry.changes();
    List<ProducerRecord<byte[], byte @Nullable []>> messages = new ArrayList<>();
    if (changes == null) {
      JsonText data = state.data();
      messages.add(
          message(
              state,
              state.incarnation(),
              envelope(state, data == null ? "delete" : "set", null, data, state.version()),
              entry.trace()));
      return messages;
    }
    for (RecordChange change : changes) {
      int version = change.version();
      long life = change.incarnation();
      TraceContext trace = change.trace();
      switch (change.body()) {
        case RecordChange.Whole whole ->
            messages.add(
                message(state, life, envelope(state, "set", null, whole.data(), version), trace));
        case RecordChange.Deleted() ->
            messages.add(
                message(state, life, envelope(state, "delete", null, null, version), trace));
        case RecordChange.Paths paths -> {
          for (RecordChange.At at : paths.writes()) {
            String operation = at.value() == null ? "erase" : "patch";
            messages.add(
                message(
                    state,
                    life,
                    envelope(state, operation, at.path(), at.value(), version),
                    trace));
          }
        }
      }
    }
    return messages;
  }

  private ProducerRecord<byte[], byte @Nullable []> message(
      StoredRecord state, long incarnation, @Nullable String value, @Nullable TraceContext trace) {
    ProducerRecord<byte[], byte @Nullable []> message =
        new ProducerRecord<>(
            topic,
            state.name().value().getBytes(UTF_8),
            value == null ? null : value.getBytes(UTF_8));
    message.headers().add(SourceMapping.ORIGIN_HEADER, origin);
    message.headers().add(INCARNATION, Long.toString(incarnation).getBytes(UTF_8));
    if (trace != null) {
      tracing.send(trace, (name, content) -> message.headers().add(name, content.getBytes(UTF_8)));
    }
    return message;
  }

  /** Written by hand so that the data, which is text already, is not parsed for it. */
  private static String envelope(
      StoredRecord state,
      String operation,
      @Nullable String path,
      @Nullable JsonText data,
      int version) {
    StringBuilder out = new StringBuilder(100 + (data == null ? 0 : data.text().length()));
    out.append("{\"record\":").append(quoted(state.name().value()));
    out.append(",\"op\":\"").append(operation).append('"');
    if (path != null) {
      out.append(",\"path\":").append(quoted(path));
    }
    if (data != null) {
      out.append(",\"data\":").append(data.text());
    }
    out.append(",\"version\":").append(version).append('}');
    return encodable(out.toString());
  }

  private static String quoted(String text) {
    return Json.text(TextNode.valueOf(text)).text();
  }

  /** UTF-8 has no halves of surrogate pairs; JSON can write them out. */
  private static String encodable(String json) {
    for (int i = 0; i < json.length(); i++) {
      if (isLoneSurrogate(json, i)) {
        StringBuilder out = new StringBuilder(json.length() + 16);
        for (int j = 0; j < json.length(); j++) {
          if (isLoneSurrogate(json, j)) {
            out.append("\\u%04x".formatted((int) json.charAt(j)));
          } else {
            out.append(json.charAt(j));
          }
        }
        return out.toString();
      }
    }
    return json;
  }

  private static boolean isLoneSurrogate(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }

  /** The state that a message tells, or empty if it is not one of {@link #state ours}. */
  static Optional<StoredRecord> read(ConsumerRecord<byte[], byte[]> message) {
    byte[] key = message.key();
    String version = header(message, VERSION);
    String incarnation = header(message, INCARNATION);
    String positions = header(message, POSITIONS);
    if (key == null || version == null || incarnation == null || positions == null) {
      return Optional.empty();
    }
    String name = new String(key, UTF_8);
    byte[] value = message.value();
    JsonText data = value == null ? null : new JsonText(new String(value, UTF_8));
    if (!RecordName.isValid(name) || (data != null && !isContainer(data))) {
      return Optional.empty();
    }
    try {
      return positions(positions)
          .map(
              offsets ->
                  new StoredRecord(
                      new RecordName(name),
                      Long.parseLong(incarnation),
                      Integer.parseInt(version),
                      data,
                      offsets));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean isContainer(JsonText data) {
    return Json.parse(data).filter(JsonNode::isContainerNode).isPresent();
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> message, String name) {
    Header found = message.headers().lastHeader(name);
    return found == null || found.value() == null ? null : new String(found.value(), UTF_8);
  }

  private static String positions(Map<String, Long> positions) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    positions.forEach((partition, offset) -> object.put(partition, offset.longValue()));
    return Json.text(object).text();
  }

  private static Optional<Map<String, Long>> positions(String text) {
    JsonNode object = Json.parse(text).orElse(null);
    if (object == null || !object.isObject()) {
      return Optional.empty();
    }
    Map<String, Long> positions = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!entry.getValue().isIntegralNumber() || !entry.getValue().canConvertToLong()) {
        return Optional.empty();
      }
      positions.put(entry.getKey(), entry.getValue().longValue());
    }
    return Optional.of(positions);
  }
}
