package io.millrace.protocol.codec;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;

/**
 * Messages to the payload of one WebSocket text message and back (protocol §1.11): one JSON object
 * in UTF-8, its keys the names of the fields, with the topic's and the action's numbers.
 *
 * <pre>
 *  {"topic":5,"action":19,"name":"seats/1","version":7,"path":"A7","data":"{\"state\":\"sold\"}"}
 * </pre>
 *
 * <p>A payload is JSON text in {@code data}; a client may also send it as a value in {@code
 * parsedData}, which counts if both are there. The fields, what messages need of them and what is
 * refused are those of {@link BinaryCodec}. A field of another kind than it should be is refused
 * too; text that is no JSON object is {@link DecodeResult.Reason#UNREADABLE}. Decoding never
 * throws, whatever the input. All methods may be called from any thread.
 */
public final class JsonCodec {

  private JsonCodec() {}

  /** What a client said. */
  public static DecodeResult<ClientMessage> decodeClient(byte[] frame) {
    return Decoding.decode(frame, JsonEnvelope::read, ClientMessageReader::read);
  }

  /** What a server said. */
  public static DecodeResult<ServerMessage> decodeServer(byte[] frame) {
    return Decoding.decode(frame, JsonEnvelope::read, ServerMessageReader::read);
  }

  public static byte[] encode(ServerMessage message) {
    return JsonWriter.frame(ServerMessageTable.TABLE.body(message));
  }

  public static byte[] encode(ClientMessage message) {
    return JsonWriter.frame(ClientMessageTable.TABLE.body(message));
  }

  /**
   * What a frame of {@link BinaryCodec} says, as JSON. No detour by way of a message: it is the
   * same fields in another syntax, and costs no check of what was checked when it was encoded.
   *
   * @throws IllegalArgumentException if it is no such frame
   */
  public static byte[] fromBinary(byte[] frame) {
    try {
      BinaryEnvelope envelope = BinaryEnvelope.read(frame);
      Layout layout = Layout.of(envelope.topic());
      if (layout == null) {
        throw Refusal.unknownTopic(envelope.topic());
      }
      Body body = new Body(layout);
      envelope.fill(body);
      return JsonWriter.frame(body);
    } catch (Refusal refusal) {
      throw new IllegalArgumentException("no frame of the binary codec: " + refusal.detail());
    }
  }
}
