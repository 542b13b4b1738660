package io.millrace.server.cluster;

/**
 * What a frame is. The first three come from the node that speaks on the stream, {@code WELCOME}
 * and {@code SETTLED} from the one that listens, heartbeats from both.
 *
 * <pre>
 * frame   := int length of what follows | long number, from 1 | byte kind | body
 * HELLO   := int magic | int version | long attempt | text cluster | text from | text to
 * BATCH   := { byte topic | int length | message }
 * SETTLE  := long token
 * WELCOME := empty
 * SETTLED := long token: all loops have done what was said before the token
 * text    := int bytes | UTF-8, or int -characters | UTF-16 where a half of a pair stands alone
 * </pre>
 */
enum FrameKind {
  HELLO,
  BATCH,
  SETTLE,
  WELCOME,
  SETTLED,
  HEARTBEAT;

  /** "mill". */
  static final int MAGIC = 0x6d696c6c;

  /** Goes up with every change of the format or of what a feature says. */
  static final int VERSION = 2;

  private static final FrameKind[] ALL = values();

  static FrameKind of(int code) throws LinkFault {
    if (code >= ALL.length) {
      throw new LinkFault("a frame of unknown kind " + code);
    }
    return ALL[code];
  }
}
