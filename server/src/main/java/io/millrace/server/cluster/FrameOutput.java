package io.millrace.server.cluster;

import io.millrace.server.peer.PeerOutput;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Writes to a buffer that grows. On the link loop. */
final class FrameOutput implements PeerOutput {
  private static final int USUAL_SIZE = 1024;

  private Buffer buffer = Buffer.buffer(USUAL_SIZE);

  int size() {
    return buffer.length();
  }

  /** Leaves room for a number that is known later. */
  int reserveInt() {
    buffer.appendInt(0);
    return buffer.length() - Integer.BYTES;
  }

  /** Fills the room with the number of bytes that have been written after it. */
  void fillLength(int at) {
    buffer.setInt(at, buffer.length() - at - Integer.BYTES);
  }

  /** What has been written, which is the caller's from now on. */
  Buffer take() {
    Buffer full = buffer;
    buffer = Buffer.buffer(USUAL_SIZE);
    return full;
  }

  @Override
  public void writeByte(int value) {
    buffer.appendByte((byte) value);
  }

  @Override
  public void writeBoolean(boolean value) {
    buffer.appendByte((byte) (value ? 1 : 0));
  }

  @Override
  public void writeInt(int value) {
    buffer.appendInt(value);
  }

  @Override
  public void writeLong(long value) {
    buffer.appendLong(value);
  }

  @Override
  public void writeText(String value) {
    if (isWellFormed(value)) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      buffer.appendInt(bytes.length).appendBytes(bytes);
      return;
    }
    // A name must be the same on both ends; UTF-8 would make a question mark of a lone half.
    buffer.appendInt(-value.length());
    for (int i = 0; i < value.length(); i++) {
      buffer.appendShort((short) value.charAt(i));
    }
  }

  private static boolean isWellFormed(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == value.length()
            || !Character.isLowSurrogate(value.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
