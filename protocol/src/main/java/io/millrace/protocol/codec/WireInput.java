package io.millrace.protocol.codec;

/**
 * Reads protobuf from a part of an array. Every length is checked against what is left before
 * anything is allocated; whatever cannot be read ends in a {@link Refusal}.
 */
final class WireInput {
  private static final int MAX_VARINT_BITS = 64;

  private final byte[] bytes;
  private final int end;
  private int position;

  private WireInput(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** The envelope of a frame; what follows it is not looked at (protocol §1.1). */
  static WireInput envelope(byte[] frame) {
    return new WireInput(frame, 0, frame.length).nested();
  }

  static WireInput empty() {
    return new WireInput(new byte[0], 0, 0);
  }

  boolean hasMore() {
    return position < end;
  }

  /** A field number, never 0, and a wire type. */
  int tag() {
    long tag = varint();
    if (tag >>> 32 != 0 || tag >>> 3 == 0) {
      throw Refusal.unreadable("field number out of range");
    }
    return (int) tag;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      if (position == end) {
        throw Refusal.unreadable("cut short");
      }
      byte next = bytes[position++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw Refusal.unreadable("number longer than ten bytes");
  }

  String text() {
    int length = length();
    String text = Utf8.decode(bytes, position, length);
    position += length;
    return text;
  }

  /** The part that a length-delimited field takes. */
  WireInput nested() {
    int length = length();
    WireInput part = new WireInput(bytes, position, position + length);
    position += length;
    return part;
  }

  void skip(int wireType) {
    switch (wireType) {
      case Wire.VARINT -> varint();
      case Wire.FIXED64 -> advance(Long.BYTES);
      case Wire.LENGTH_DELIMITED -> advance(length());
      case Wire.FIXED32 -> advance(Integer.BYTES);
      default -> throw Refusal.unreadable("wire type " + wireType);
    }
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - position) {
      throw Refusal.unreadable("length beyond the end");
    }
    return (int) length;
  }

  private void advance(int count) {
    if (count > end - position) {
      throw Refusal.unreadable("cut short");
    }
    position += count;
  }
}
