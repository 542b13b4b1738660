package io.millrace.server.format;

import java.nio.ByteBuffer;

/**
 * Confluent's wire format: what their serializers, and those that agree with them, put in front.
 *
 * <pre>
 *   +---------+------------------------+-----------------------------+----------
 *   | 0 (1 B) | schema id (4 B, big e.)| protobuf only: which message| payload
 *   +---------+------------------------+-----------------------------+----------
 * </pre>
 *
 * @param payloadAt where what comes after the id begins
 */
record Frame(int schemaId, int payloadAt) {
  private static final int LENGTH = 5;

  static Frame of(byte[] bytes) throws Malformed {
    if (bytes.length < LENGTH) {
      throw new Malformed("has %d bytes, too few for the id of a schema".formatted(bytes.length));
    }
    if (bytes[0] != 0) {
      throw new Malformed(
          "does not begin with the byte 0 and the id of a schema (Confluent's wire format)");
    }
    int id = ByteBuffer.wrap(bytes, 1, LENGTH - 1).getInt();
    if (id < 0) {
      throw new Malformed("has a schema id below 0");
    }
    return new Frame(id, LENGTH);
  }
}
