package io.millrace.server.format;

import io.millrace.server.mapping.PayloadFormat.Decoded;

/**
 * Bytes that are not what their schema says; the message is for people, begins with a verb and
 * quotes no data.
 */
final class Malformed extends Exception {
  private static final int MAX_QUOTED = 200;

  Malformed(String message) {
    super(message, null, false, false);
  }

  /** What a library said, in one line that is not too long. */
  static String brief(Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String line = message.lines().findFirst().orElse("");
    return line.length() <= MAX_QUOTED ? line : line.substring(0, MAX_QUOTED) + "...";
  }

  Decoded refused(boolean isKey) {
    return new Decoded.Refused((isKey ? "key " : "payload ") + reason());
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
