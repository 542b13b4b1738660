package io.millrace.server.http.rest;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.entry.Refusal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Names in paths. Slashes are part of names, and may be written as they are or as {@code %2F}; so
 * the path is taken as it was sent, not as a router has tidied it up.
 */
final class Names {
  private Names() {}

  /**
   * The name between a prefix and a suffix of a raw path.
   *
   * @throws Refusal if it is none
   */
  static String of(String rawPath, String prefix, String suffix) {
    if (!rawPath.startsWith(prefix)
        || !rawPath.endsWith(suffix)
        || rawPath.length() < prefix.length() + suffix.length()) {
      throw new Refusal(404, "There is nothing at this path");
    }
    String name = decode(rawPath.substring(prefix.length(), rawPath.length() - suffix.length()));
    if (!RecordName.isValid(name)) {
      throw new Refusal(400, "A name has 1 to 1024 characters");
    }
    return name;
  }

  private static String decode(String raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(raw.charAt(i + 2), 16);
      if (low < 0) {
        throw new Refusal(400, "The path is not well percent-encoded");
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(400, "The path is not UTF-8");
    }
  }
}
