package io.millrace.server.format;

/** Bytes that are not what their schema says; the message is for people and quotes no data. */
final class Malformed extends Exception {
  Malformed(String message) {
    super(message, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
