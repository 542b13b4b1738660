package io.millrace.server.cluster;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Cuts what a socket brings into frames and checks their numbers. Confined to the caller. */
final class FrameReader {
  private static final int USUAL_SIZE = 4096;

  /** Number and kind. */
  private static final int HEADER = Long.BYTES + 1;

  private int largest;
  private byte[] bytes = new byte[USUAL_SIZE];
  private int start;
  private int end;
  private long number;

  /** A frame; what it holds is to be read before the next one is asked for. */
  record Frame(FrameKind kind, FrameInput body) {}

  /**
   * @param largest how long a frame may be
   */
  FrameReader(int largest) {
    this.largest = largest;
  }

  /** From now on frames may be so long: who is there has said who it is. */
  void allow(int length) {
    largest = length;
  }

  void add(Buffer chunk) {
    makeRoom(chunk.length());
    chunk.getBytes(bytes, end);
    end += chunk.length();
  }

  /** The next frame, null if it is not complete yet. */
  @Nullable Frame next() throws LinkFault {
    if (end - start < Integer.BYTES) {
      return null;
    }
    int length = new FrameInput(bytes, start, Integer.BYTES).readInt();
    if (length < HEADER || length > largest) {
      throw new LinkFault("a frame of " + Integer.toUnsignedString(length) + " bytes");
    }
    if (end - start - Integer.BYTES < length) {
      return null;
    }
    FrameInput frame = new FrameInput(bytes, start + Integer.BYTES, length);
    start += Integer.BYTES + length;
    long expected = number + 1;
    number = frame.readLong();
    if (number != expected) {
      throw new LinkFault("frame " + number + " where " + expected + " should be");
    }
    return new Frame(FrameKind.of(frame.readByte()), frame);
  }

  /** Also goes back to the usual size when a long frame has gone through. */
  private void makeRoom(int more) {
    int held = end - start;
    boolean tooBig = bytes.length > 64 * USUAL_SIZE && held + more <= USUAL_SIZE;
    if (bytes.length - end >= more && !tooBig) {
      return;
    }
    byte[] roomy = bytes;
    if (tooBig) {
      roomy = new byte[USUAL_SIZE];
    } else if (bytes.length - held < more) {
      roomy =
          new byte
              [(int)
                  Math.min(
                      Integer.MAX_VALUE - 8L, Math.max(2L * bytes.length, held + (long) more))];
    }
    System.arraycopy(bytes, start, roomy, 0, held);
    bytes = roomy;
    start = 0;
    end = held;
  }
}
