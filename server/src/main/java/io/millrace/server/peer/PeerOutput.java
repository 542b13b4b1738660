package io.millrace.server.peer;

import org.jspecify.annotations.Nullable;

/** What a message between nodes is written to. Confined to the caller. */
public interface PeerOutput {
  void writeByte(int value);

  void writeBoolean(boolean value);

  void writeInt(int value);

  void writeLong(long value);

  void writeText(String value);

  /** A text that may be missing. */
  default void writeOptionalText(@Nullable String value) {
    writeBoolean(value != null);
    if (value != null) {
      writeText(value);
    }
  }
}
