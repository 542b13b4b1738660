package io.millrace.examples.onsale;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * What a Host writes to Kafka; {@link Backstage} configures how it becomes changes of records.
 *
 * <pre>
 *  key S-07  header op: set    {"state":{"section":"S-07","seats":{"1-1":{"s":"available","h":3},...}}}
 *  key S-07  header op: patch  {"seat":"12-7","state":{"s":"sold","h":3,"n":1234,"t":1795201265123456}}
 * </pre>
 *
 * h is the Host, n counts the section's deltas, t is when it was sent in microseconds of the epoch.
 */
final class SeatMessages {
  static final String TOPIC = "seat-deltas";

  private static final List<Header> SET = List.of(operation("set"));
  private static final List<Header> PATCH = List.of(operation("patch"));

  private SeatMessages() {}

  /** The whole section goes on sale. */
  static ProducerRecord<byte[], byte[]> opening(Section section, int host) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    ObjectNode state = message.putObject("state").put("section", section.id());
    ObjectNode seats = state.putObject("seats");
    for (String seat : section.seats()) {
      seats.putObject(seat).put("s", SeatState.AVAILABLE.word()).put("h", host);
    }
    return message(section, SET, message);
  }

  static ProducerRecord<byte[], byte[]> change(SeatDelta delta, int host, long sentMicros) {
    ObjectNode message = JsonNodeFactory.instance.objectNode().put("seat", delta.seat());
    message
        .putObject("state")
        .put("s", delta.state().word())
        .put("h", host)
        .put("n", delta.number())
        .put("t", sentMicros);
    return message(delta.section(), PATCH, message);
  }

  private static ProducerRecord<byte[], byte[]> message(
      Section section, List<Header> headers, ObjectNode payload) {
    return new ProducerRecord<>(
        TOPIC,
        null,
        null,
        section.id().getBytes(StandardCharsets.UTF_8),
        Json.text(payload).text().getBytes(StandardCharsets.UTF_8),
        headers);
  }

  private static Header operation(String word) {
    return new RecordHeader("op", word.getBytes(StandardCharsets.UTF_8));
  }
}
