package io.millrace.benchmarks.client;

import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what a thousand sockets receive a thousand times only once: every byte is compared with
 * the message before, and equal bytes mean the same. Confined to one thread.
 */
final class FrameMemory {
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
  private @Nullable ServerMessage message;

  /** Reads {@code length} bytes; null if they are no message of a server. */
  @Nullable ServerMessage read(ByteBuf in, int length) {
    boolean known =
        bytes.readableBytes() == length
            && ByteBufUtil.equals(in, in.readerIndex(), bytes, 0, length);
    if (known) {
      in.skipBytes(length);
      return message;
    }
    byte[] copy = new byte[length];
    in.readBytes(copy);
    bytes = Unpooled.wrappedBuffer(copy);
    message =
        switch (BinaryCodec.decodeServer(copy)) {
          case DecodeResult.Decoded<ServerMessage>(var decoded) -> decoded;
          case DecodeResult.Refused<ServerMessage> refused -> null;
        };
    return message;
  }
}
