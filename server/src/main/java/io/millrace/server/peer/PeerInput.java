package io.millrace.server.peer;

import org.jspecify.annotations.Nullable;

/**
 * What a message between nodes is read from: the same calls in the same order as on {@link
 * PeerOutput}. Confined to the caller.
 */
public interface PeerInput {
  /** From 0 to 255. */
  int readByte();

  boolean readBoolean();

  int readInt();

  long readLong();

  String readText();

  /** A text that may be missing. */
  default @Nullable String readOptionalText() {
    return readBoolean() ? readText() : null;
  }
}
