package io.millrace.server.websocket;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.codec.DecodeResult.Refused;
import io.millrace.protocol.codec.JsonCodec;
import io.millrace.server.config.WebSocketConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * How messages are written on an endpoint. What a server sends is a whole WebSocket frame: it is
 * not masked, so the same bytes serve every socket (RFC 6455 §5.1).
 *
 * <pre>
 *   0x82 (binary) or 0x81 (text) | length 0-125             payload
 *   ...                          | 126 | length, 2 bytes    payload
 *   ...                          | 127 | length, 8 bytes    payload
 * </pre>
 */
enum WireFormat {
  BINARY(0x82, "this endpoint speaks binary"),
  JSON(0x81, "this endpoint speaks JSON");

  private static final int LONGEST_HEADER = 10;

  private final int finalFrame;
  private final String reminder;

  WireFormat(int finalFrame, String reminder) {
    this.finalFrame = finalFrame;
    this.reminder = reminder;
  }

  static WireFormat of(WebSocketConfig.Format format) {
    return switch (format) {
      case BINARY -> BINARY;
      case JSON -> JSON;
    };
  }

  /** What is said to a client that speaks something else. */
  String reminder() {
    return reminder;
  }

  DecodeResult<ClientMessage> decode(byte[] payload) {
    return switch (this) {
      case BINARY -> BinaryCodec.decodeClient(payload);
      case JSON -> JsonCodec.decodeClient(payload);
    };
  }

  /**
   * Whether the sender speaks another language and is to be cut off. In the binary format nothing
   * tells that from a mistake, which is answered (protocol §1.10, §1.11).
   */
  boolean isForeign(DecodeResult<ClientMessage> result) {
    return this == JSON
        && result instanceof Refused<ClientMessage> refused
        && refused.reason() == Reason.UNREADABLE;
  }

  ByteBuf frame(ServerMessage message, ByteBufAllocator allocator) {
    return switch (this) {
      case BINARY -> frame(BinaryCodec.encode(message), allocator);
      case JSON -> frame(JsonCodec.encode(message), allocator);
    };
  }

  ByteBuf frame(byte[] payload, ByteBufAllocator allocator) {
    ByteBuf frame = allocator.directBuffer(payload.length + LONGEST_HEADER);
    frame.writeByte(finalFrame);
    if (payload.length <= 125) {
      frame.writeByte(payload.length);
    } else if (payload.length <= 0xFFFF) {
      frame.writeByte(126).writeShort(payload.length);
    } else {
      frame.writeByte(127).writeLong(payload.length);
    }
    return frame.writeBytes(payload);
  }

  /** The payload of a frame of ours, which is left as it is. */
  static byte[] payload(ByteBuf frame) {
    int start = frame.readerIndex();
    int header =
        switch (frame.getByte(start + 1)) {
          case 127 -> LONGEST_HEADER;
          case 126 -> 4;
          default -> 2;
        };
    byte[] payload = new byte[frame.readableBytes() - header];
    frame.getBytes(start + header, payload);
    return payload;
  }
}
