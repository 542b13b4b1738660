package io.millrace.server.cluster;

import io.millrace.server.peer.PeerInput;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads from a part of an array. Throws {@link BufferUnderflowException} or {@link
 * IllegalArgumentException} when that ends too early.
 */
final class FrameInput implements PeerInput {
  private final ByteBuffer bytes;

  FrameInput(byte[] array, int start, int length) {
    this.bytes = ByteBuffer.wrap(array, start, length);
  }

  int remaining() {
    return bytes.remaining();
  }

  /** The next bytes as an input of their own, which are skipped here. */
  FrameInput part(int length) {
    FrameInput part = new FrameInput(bytes.array(), bytes.position(), checked(length));
    bytes.position(bytes.position() + length);
    return part;
  }

  @Override
  public int readByte() {
    return bytes.get() & 0xff;
  }

  @Override
  public boolean readBoolean() {
    return switch (readByte()) {
      case 0 -> false;
      case 1 -> true;
      default -> throw new IllegalArgumentException("not a truth value");
    };
  }

  @Override
  public int readInt() {
    return bytes.getInt();
  }

  @Override
  public long readLong() {
    return bytes.getLong();
  }

  @Override
  public String readText() {
    int length = bytes.getInt();
    if (length >= 0) {
      String text =
          new String(bytes.array(), bytes.position(), checked(length), StandardCharsets.UTF_8);
      bytes.position(bytes.position() + length);
      return text;
    }
    char[] chars = new char[checked(-2L * length) / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = bytes.getChar();
    }
    return new String(chars);
  }

  private int checked(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    return (int) length;
  }
}
