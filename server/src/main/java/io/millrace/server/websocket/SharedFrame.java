package io.millrace.server.websocket;

import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.server.transport.SharedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A whole WebSocket frame, header and payload: frames of a server are not masked, so the same bytes
 * serve every socket (RFC 6455 §5.1).
 *
 * <pre>
 *   0x82 | length 0-125                     payload
 *   0x82 | 126 | length, 2 bytes            payload
 *   0x82 | 127 | length, 8 bytes            payload
 * </pre>
 */
final class SharedFrame implements SharedMessage {
  private static final int FINAL_BINARY = 0x82;

  private final ByteBuf frame;

  SharedFrame(ServerMessage message, ByteBufAllocator allocator) {
    this.frame = encode(message, allocator);
  }

  static ByteBuf encode(ServerMessage message, ByteBufAllocator allocator) {
    byte[] payload = BinaryCodec.encode(message);
    ByteBuf frame = allocator.directBuffer(payload.length + 10);
    frame.writeByte(FINAL_BINARY);
    if (payload.length <= 125) {
      frame.writeByte(payload.length);
    } else if (payload.length <= 0xFFFF) {
      frame.writeByte(126).writeShort(payload.length);
    } else {
      frame.writeByte(127).writeLong(payload.length);
    }
    return frame.writeBytes(payload);
  }

  /** The frame for one more connection, which releases it when it is written. */
  ByteBuf forOneMore() {
    return frame.retainedDuplicate();
  }

  @Override
  public ServerMessage message() {
    ByteBuf view = frame.duplicate();
    view.skipBytes(headerLength(view));
    byte[] payload = new byte[view.readableBytes()];
    view.readBytes(payload);
    if (BinaryCodec.decodeServer(payload)
        instanceof Decoded<ServerMessage>(ServerMessage message)) {
      return message;
    }
    throw new IllegalStateException("a frame of ours cannot be decoded");
  }

  private static int headerLength(ByteBuf frame) {
    return switch (frame.getByte(frame.readerIndex() + 1)) {
      case 127 -> 10;
      case 126 -> 4;
      default -> 2;
    };
  }

  @Override
  public int size() {
    return frame.readableBytes();
  }

  @Override
  public void retain() {
    frame.retain();
  }

  @Override
  public void release() {
    frame.release();
  }
}
