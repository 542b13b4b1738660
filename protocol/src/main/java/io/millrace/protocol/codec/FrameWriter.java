package io.millrace.protocol.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one frame: sizes first, then one array, fields in ascending order of their numbers.
 *
 * <p>Texts are turned to UTF-8 before their sizes are known. That is one copy more than counting
 * and then writing characters one by one, and several times faster, as the JDK does it with vector
 * instructions.
 */
final class FrameWriter {
  private final byte[] bytes;
  private int position;

  private FrameWriter(int size) {
    bytes = new byte[size];
  }

  static byte[] frame(Body body) {
    @Nullable Object[] encoded = new Object[Layout.END];
    int bodySize = 0;
    for (int rest = body.present(); rest != 0; rest &= rest - 1) {
      int number = Integer.numberOfTrailingZeros(rest);
      bodySize += encode(body, number, encoded);
    }
    int topic = body.layout().topic().number();
    int envelopeSize = 1 + Wire.varintSize(topic) + 1 + Wire.varintSize(bodySize) + bodySize;
    FrameWriter out = new FrameWriter(Wire.varintSize(envelopeSize) + envelopeSize);
    out.varint(envelopeSize);
    out.varint(Wire.tag(Wire.TOPIC, Wire.VARINT));
    out.varint(topic);
    out.varint(Wire.tag(Wire.BODY, Wire.LENGTH_DELIMITED));
    out.varint(bodySize);
    for (int rest = body.present(); rest != 0; rest &= rest - 1) {
      int number = Integer.numberOfTrailingZeros(rest);
      out.field(number, body.numberAt(number), encoded[number]);
    }
    return out.bytes;
  }

  /** Puts what has a length into {@code encoded} and says how much room the field takes. */
  private static int encode(Body body, int number, @Nullable Object[] encoded) {
    Object value = body.objectAt(number);
    if (value == null) {
      return 1 + Wire.varintSize(body.numberAt(number));
    }
    if (value instanceof String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      encoded[number] = utf8;
      return sizeOf(utf8);
    }
    byte[][] parts = value instanceof Map<?, ?> map ? entries(map) : texts((List<?>) value);
    encoded[number] = parts;
    int size = 0;
    for (byte[] part : parts) {
      size += sizeOf(part);
    }
    return size;
  }

  private static byte[][] texts(List<?> texts) {
    byte[][] parts = new byte[texts.size()][];
    int next = 0;
    for (Object text : texts) {
      parts[next++] = ((String) text).getBytes(StandardCharsets.UTF_8);
    }
    return parts;
  }

  private static byte[][] entries(Map<?, ?> versions) {
    byte[][] parts = new byte[versions.size()][];
    int next = 0;
    for (Map.Entry<?, ?> entry : versions.entrySet()) {
      byte[] key = ((String) entry.getKey()).getBytes(StandardCharsets.UTF_8);
      int version = (Integer) entry.getValue();
      FrameWriter out = new FrameWriter(sizeOf(key) + 1 + Wire.varintSize(version));
      out.field(Wire.KEY, 0, key);
      out.field(Wire.VALUE, version, null);
      parts[next++] = out.bytes;
    }
    return parts;
  }

  /** With its tag, which takes one byte because all field numbers are below 16. */
  private static int sizeOf(byte[] part) {
    return 1 + Wire.varintSize(part.length) + part.length;
  }

  private void field(int number, int value, @Nullable Object encoded) {
    if (encoded == null) {
      varint(Wire.tag(number, Wire.VARINT));
      varint(value);
    } else if (encoded instanceof byte[] part) {
      part(number, part);
    } else {
      for (byte[] part : (byte[][]) encoded) {
        part(number, part);
      }
    }
  }

  private void part(int number, byte[] part) {
    varint(Wire.tag(number, Wire.LENGTH_DELIMITED));
    varint(part.length);
    System.arraycopy(part, 0, bytes, position, part.length);
    position += part.length;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[position++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
  }
}
