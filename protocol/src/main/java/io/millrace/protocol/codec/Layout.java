package io.millrace.protocol.codec;

import io.millrace.protocol.Topic;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which field has which number in the bodies of a topic (protocol §1.4). */
enum Layout {
  PARSER(
      Topic.PARSER,
      Map.of(
          1, Field.ACTION,
          2, Field.DATA,
          3, Field.IS_ERROR,
          4, Field.IS_ACK,
          8, Field.ORIGINAL_TOPIC,
          9, Field.ORIGINAL_ACTION)),
  CONNECTION(
      Topic.CONNECTION,
      Map.of(
          1, Field.ACTION,
          2, Field.DATA,
          3, Field.IS_ERROR,
          4, Field.IS_ACK,
          5, Field.URL,
          6, Field.PROTOCOL_VERSION,
          7, Field.SDK_VERSION,
          8, Field.SDK_TYPE)),
  AUTH(
      Topic.AUTH,
      Map.of(
          1, Field.ACTION,
          2, Field.DATA,
          3, Field.IS_ERROR,
          4, Field.IS_ACK)),
  EVENT(
      Topic.EVENT,
      Map.of(
          1, Field.ACTION,
          2, Field.DATA,
          3, Field.CORRELATION_ID,
          4, Field.IS_ERROR,
          5, Field.IS_ACK,
          6, Field.NAME,
          7, Field.NAMES,
          8, Field.SUBSCRIPTION,
          10, Field.ORIGINAL_TOPIC,
          11, Field.ORIGINAL_ACTION)),
  RECORD(
      Topic.RECORD,
      Map.ofEntries(
          Map.entry(1, Field.ACTION),
          Map.entry(2, Field.DATA),
          Map.entry(3, Field.CORRELATION_ID),
          Map.entry(4, Field.IS_ERROR),
          Map.entry(5, Field.IS_ACK),
          Map.entry(6, Field.NAME),
          Map.entry(7, Field.NAMES),
          Map.entry(8, Field.PATTERN),
          Map.entry(9, Field.SUBSCRIPTION),
          Map.entry(10, Field.ORIGINAL_ACTION),
          Map.entry(11, Field.IS_WRITE_ACK),
          Map.entry(12, Field.PATH),
          Map.entry(13, Field.VERSION),
          Map.entry(14, Field.VERSIONS))),
  RPC(
      Topic.RPC,
      Map.of(
          1, Field.ACTION,
          2, Field.DATA,
          3, Field.CORRELATION_ID,
          4, Field.IS_ERROR,
          5, Field.IS_ACK,
          6, Field.NAMES,
          7, Field.NAME,
          9, Field.ORIGINAL_ACTION,
          10, Field.REQUESTOR_NAME,
          11, Field.REQUESTOR_DATA)),
  PRESENCE(
      Topic.PRESENCE,
      Map.of(
          1, Field.ACTION,
          2, Field.ORIGINAL_TOPIC,
          3, Field.ORIGINAL_ACTION,
          4, Field.DATA,
          5, Field.CORRELATION_ID,
          6, Field.IS_ERROR,
          7, Field.IS_ACK,
          8, Field.NAME,
          9, Field.NAMES));

  /** One more than the highest number of any field; numbers from here on are unknown everywhere. */
  static final int END = 15;

  private static final @Nullable Layout[] BY_TOPIC = new Layout[Topic.PRESENCE.number() + 1];

  static {
    for (Layout layout : values()) {
      BY_TOPIC[layout.topic.number()] = layout;
    }
  }

  private final Topic topic;
  private final @Nullable Field[] byNumber = new Field[END];
  private final int[] numbers = new int[Field.values().length];

  Layout(Topic topic, Map<Integer, Field> fields) {
    this.topic = topic;
    fields.forEach(
        (number, field) -> {
          byNumber[number] = field;
          numbers[field.ordinal()] = number;
        });
  }

  /** The layout of the bodies of a topic that a socket may carry. */
  static @Nullable Layout of(int topic) {
    return topic > 0 && topic < BY_TOPIC.length ? BY_TOPIC[topic] : null;
  }

  static Layout of(Topic topic) {
    Layout layout = of(topic.number());
    if (layout == null) {
      throw new IllegalArgumentException(topic + " is not spoken on client sockets");
    }
    return layout;
  }

  Topic topic() {
    return topic;
  }

  @Nullable Field field(int number) {
    return number > 0 && number < END ? byNumber[number] : null;
  }

  /** The number of {@code field} on the wire, or 0 if bodies of this topic have no such field. */
  int number(Field field) {
    return numbers[field.ordinal()];
  }
}
