package io.millrace.server.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Avro's binary encoding, read from an array. Avro's own decoder makes room for as many bytes as a
 * length claims; this one first looks whether they are there. Not thread-safe.
 */
final class AvroBytes {
  private static final char REPLACEMENT = '\uFFFD';

  private final byte[] bytes;
  private int at;

  AvroBytes(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  int left() {
    return bytes.length - at;
  }

  boolean bool() throws Malformed {
    return switch (octet()) {
      case 0 -> false;
      case 1 -> true;
      default -> throw new Malformed("has a boolean that is neither 0 nor 1");
    };
  }

  int integer() throws Malformed {
    long value = number();
    if (value != (int) value) {
      throw new Malformed("has an int of more than 32 bits");
    }
    return (int) value;
  }

  /** Zigzag, 7 bits in a byte, the lowest first. */
  long number() throws Malformed {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = octet();
      value |= (octet & 0x7fL) << shift;
      if ((octet & 0x80) == 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new Malformed("has a number of more than 64 bits");
  }

  float float32() throws Malformed {
    return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
  }

  double float64() throws Malformed {
    return Double.longBitsToDouble(littleEndian(Double.BYTES));
  }

  private long littleEndian(int length) throws Malformed {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (long) octet() << (8 * i);
    }
    return value;
  }

  String string() throws Malformed {
    int length = length();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    // Either it says so itself, or bad bytes were replaced without a word.
    if (text.indexOf(REPLACEMENT) >= 0) {
      requireUtf8(at, length);
    }
    at += length;
    return text;
  }

  private void requireUtf8(int from, int length) throws Malformed {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
    } catch (CharacterCodingException e) {
      throw new Malformed("has a string that is not UTF-8");
    }
  }

  byte[] bytes() throws Malformed {
    return fixed(length());
  }

  byte[] fixed(int length) throws Malformed {
    require(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
    at = bytes.length;
    return rest;
  }

  /** How many items come next of an array or map; 0 is its end. */
  long block() throws Malformed {
    long count = number();
    if (count >= 0) {
      return count;
    }
    // A negative one is followed by the size in bytes, for those who skip.
    number();
    if (count == Long.MIN_VALUE) {
      throw new Malformed("has a block of impossible size");
    }
    return -count;
  }

  private int length() throws Malformed {
    long length = number();
    require(length);
    return (int) length;
  }

  private void require(long length) throws Malformed {
    if (length < 0 || length > left()) {
      throw new Malformed("claims %d bytes where %d are left".formatted(length, left()));
    }
  }

  private int octet() throws Malformed {
    require(1);
    return bytes[at++] & 0xff;
  }
}
