package io.millrace.protocol.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text from bytes of which not one may be malformed. */
final class Utf8 {

  private Utf8() {}

  static String decode(byte[] bytes, int start, int length) {
    String text = new String(bytes, start, length, StandardCharsets.UTF_8);
    // Decoding replaces what is malformed. That shows as U+FFFD, which may have been sent as such.
    if (text.indexOf('\uFFFD') >= 0) {
      require(bytes, start, length);
    }
    return text;
  }

  private static void require(byte[] bytes, int start, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length));
    } catch (CharacterCodingException e) {
      throw Refusal.unreadable("text that is not UTF-8");
    }
  }
}
