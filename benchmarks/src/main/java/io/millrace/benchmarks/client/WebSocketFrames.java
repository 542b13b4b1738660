package io.millrace.benchmarks.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.ThreadLocalRandom;

/** The little of RFC 6455 that a client needs that gets and sends whole binary messages. */
final class WebSocketFrames {
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;

  /** Some constant key: the server's answer to it is not checked. */
  private static final String UPGRADE =
      """
      GET %s HTTP/1.1\r
      Host: %s\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Key: bWlsbHJhY2UgYmVuY2htYQ==\r
      Sec-WebSocket-Version: 13\r
      \r
      """;

  private WebSocketFrames() {}

  static String upgrade(String path, String host) {
    return UPGRADE.formatted(path, host);
  }

  /** How many bytes the frame at the reader's index has, its header included; -1: not here yet. */
  static long frameLength(ByteBuf in) {
    if (in.readableBytes() < 2) {
      return -1;
    }
    int start = in.readerIndex();
    int length = in.getUnsignedByte(start + 1) & 0x7F;
    if (length < 126) {
      return 2L + length;
    }
    int header = length == 126 ? 4 : 10;
    if (in.readableBytes() < header) {
      return -1;
    }
    return header + (length == 126 ? in.getUnsignedShort(start + 2) : in.getLong(start + 2));
  }

  /** Skips the header of a frame that is here as a whole, and returns its opcode. */
  static int skipHeader(ByteBuf in) {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    if (length >= 126) {
      in.skipBytes(length == 126 ? 2 : 8);
    }
    if ((first & FINAL) == 0 || (length & MASKED) != 0) {
      throw new IllegalStateException("the server sent a fragment, or a masked frame");
    }
    return first & 0x0F;
  }

  /** A masked frame, as clients have to send. */
  static ByteBuf frame(ByteBufAllocator allocator, int opcode, byte[] payload) {
    ByteBuf frame = allocator.directBuffer(payload.length + 14);
    frame.writeByte(FINAL | opcode);
    if (payload.length < 126) {
      frame.writeByte(MASKED | payload.length);
    } else if (payload.length < 1 << 16) {
      frame.writeByte(MASKED | 126).writeShort(payload.length);
    } else {
      frame.writeByte(MASKED | 127).writeLong(payload.length);
    }
    int key = ThreadLocalRandom.current().nextInt();
    frame.writeInt(key);
    int at = 0;
    for (; at + 4 <= payload.length; at += 4) {
      int word =
          (payload[at] & 0xFF) << 24
              | (payload[at + 1] & 0xFF) << 16
              | (payload[at + 2] & 0xFF) << 8
              | (payload[at + 3] & 0xFF);
      frame.writeInt(word ^ key);
    }
    for (int shift = 24; at < payload.length; at++, shift -= 8) {
      frame.writeByte(payload[at] ^ key >>> shift);
    }
    return frame;
  }
}
