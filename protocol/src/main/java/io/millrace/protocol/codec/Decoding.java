package io.millrace.protocol.codec;

import io.millrace.protocol.Limits;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way from a frame to a message, the same in every syntax. Never throws. */
final class Decoding {

  private Decoding() {}

  static <M> DecodeResult<M> decode(
      byte[] frame, Function<byte[], Envelope> syntax, Function<Body, M> reader) {
    Envelope envelope;
    try {
      envelope = syntax.apply(frame);
    } catch (Refusal refusal) {
      return refused(refusal, -1, null);
    }
    Layout layout = Layout.of(envelope.topic());
    if (layout == null) {
      return refused(Refusal.unknownTopic(envelope.topic()), envelope.topic(), null);
    }
    Body body = new Body(layout);
    try {
      envelope.fill(body);
      return new DecodeResult.Decoded<>(reader.apply(body));
    } catch (Refusal refusal) {
      return refused(refusal, envelope.topic(), body);
    }
  }

  private static <M> DecodeResult<M> refused(Refusal refusal, int topic, @Nullable Body body) {
    return switch (refusal.reason()) {
      case UNREADABLE, UNKNOWN_TOPIC ->
          new DecodeResult.Refused<>(
              refusal.reason(), topic, -1, null, null, false, refusal.detail());
      case UNKNOWN_ACTION, INVALID_FIELDS ->
          body == null
              ? new DecodeResult.Refused<>(
                  refusal.reason(), topic, -1, null, null, false, refusal.detail())
              : new DecodeResult.Refused<>(
                  refusal.reason(),
                  topic,
                  body.number(Field.ACTION, 0),
                  nameIn(body),
                  correlationIdIn(body),
                  body.flag(Field.IS_WRITE_ACK),
                  refusal.detail());
    };
  }

  private static @Nullable String nameIn(Body body) {
    String name = body.text(Field.NAME);
    return name != null && FieldReader.isValidName(name) ? name : null;
  }

  private static @Nullable String correlationIdIn(Body body) {
    String id = body.text(Field.CORRELATION_ID);
    return id != null && id.length() <= Limits.MAX_CORRELATION_ID_LENGTH ? id : null;
  }
}
