package io.millrace.protocol.codec;

/** The protobuf wire types that are read, and the frame's own fields (protocol §1.2). */
final class Wire {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int FIXED32 = 5;

  static final int TOPIC = 2;
  static final int BODY = 3;

  /** Of the entries of a map. */
  static final int KEY = 1;

  static final int VALUE = 2;

  private Wire() {}

  static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /** An int32 is sign-extended to 64 bits, so that a negative one takes ten bytes. */
  static int varintSize(long value) {
    int bits = 64 - Long.numberOfLeadingZeros(value | 1);
    return (bits + 6) / 7;
  }
}
