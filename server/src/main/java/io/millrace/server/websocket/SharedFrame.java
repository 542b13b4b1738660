package io.millrace.server.websocket;

import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.JsonCodec;
import io.millrace.server.transport.SharedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A message as whole WebSocket frames: binary from the start, and JSON from the first connection
 * that wants it, so that nothing is kept for clients that are not there.
 *
 * <p>The references counted here are those to the message. Each frame has a count of its own: one
 * for the message, and one for every connection that has it queued, which may well outlive it.
 */
final class SharedFrame implements SharedMessage {
  private final AtomicInteger references = new AtomicInteger(1);
  private final ByteBuf binary;
  private volatile @Nullable ByteBuf json;

  SharedFrame(ServerMessage message, ByteBufAllocator allocator) {
    this.binary = WireFormat.BINARY.frame(message, allocator);
  }

  /** The frame for one more connection, which releases it when it is written. */
  ByteBuf forOneMore(WireFormat format) {
    return format == WireFormat.BINARY ? binary.retainedDuplicate() : json().retainedDuplicate();
  }

  private ByteBuf json() {
    ByteBuf known = json;
    return known == null ? encodeJson() : known;
  }

  /** Loops that come second wait for the first: for no longer than they would take themselves. */
  private synchronized ByteBuf encodeJson() {
    ByteBuf frame = json;
    if (frame == null) {
      byte[] payload = JsonCodec.fromBinary(WireFormat.payload(binary));
      frame = WireFormat.JSON.frame(payload, binary.alloc());
      json = frame;
    }
    return frame;
  }

  @Override
  public ServerMessage message() {
    if (BinaryCodec.decodeServer(WireFormat.payload(binary))
        instanceof Decoded<ServerMessage>(ServerMessage message)) {
      return message;
    }
    throw new IllegalStateException("a frame of ours cannot be decoded");
  }

  @Override
  public int size() {
    return binary.readableBytes();
  }

  @Override
  public void retain() {
    if (references.getAndIncrement() <= 0) {
      throw new IllegalStateException("retained after its release");
    }
  }

  @Override
  public void release() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("released more often than retained");
    }
    if (left == 0) {
      binary.release();
      ByteBuf other = json;
      if (other != null) {
        other.release();
      }
    }
  }
}
