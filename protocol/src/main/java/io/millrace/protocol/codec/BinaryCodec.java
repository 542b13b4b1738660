package io.millrace.protocol.codec;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.Limits;
import io.millrace.protocol.ServerMessage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Messages to the payload of one binary WebSocket message and back (protocol §1).
 *
 * <pre>
 *  frame     varint length of envelope | envelope | anything, ignored
 *  envelope  2: topic number | 3: body
 *  body      1: action number | fields, numbered by topic
 * </pre>
 *
 * <p>Written by hand rather than generated, because presence is significant: a version 0 has to be
 * on the wire, which plain proto3 leaves out. Decoding never throws, whatever the input. All
 * methods may be called from any thread.
 */
public final class BinaryCodec {

  private BinaryCodec() {}

  /** What a client said. */
  public static DecodeResult<ClientMessage> decodeClient(byte[] frame) {
    return decode(frame, ClientMessageReader::read);
  }

  /** What a server said. */
  public static DecodeResult<ServerMessage> decodeServer(byte[] frame) {
    return decode(frame, ServerMessageReader::read);
  }

  public static byte[] encode(ServerMessage message) {
    return FrameWriter.frame(ServerMessageTable.TABLE.body(message));
  }

  public static byte[] encode(ClientMessage message) {
    return FrameWriter.frame(ClientMessageTable.TABLE.body(message));
  }

  private static <M> DecodeResult<M> decode(byte[] frame, Function<Body, M> reader) {
    Envelope envelope;
    try {
      envelope = Envelope.read(frame);
    } catch (Refusal refusal) {
      return refused(refusal, -1, null);
    }
    Layout layout = Layout.of(envelope.topic());
    if (layout == null) {
      return refused(Refusal.unknownTopic(envelope.topic()), envelope.topic(), null);
    }
    Body body = new Body(layout);
    try {
      body.read(envelope.body());
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
