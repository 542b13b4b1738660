package io.millrace.protocol.codec;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;

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
    return Decoding.decode(frame, BinaryEnvelope::read, ClientMessageReader::read);
  }

  /** What a server said. */
  public static DecodeResult<ServerMessage> decodeServer(byte[] frame) {
    return Decoding.decode(frame, BinaryEnvelope::read, ServerMessageReader::read);
  }

  public static byte[] encode(ServerMessage message) {
    return FrameWriter.frame(ServerMessageTable.TABLE.body(message));
  }

  public static byte[] encode(ClientMessage message) {
    return FrameWriter.frame(ClientMessageTable.TABLE.body(message));
  }
}
