package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletionStage;

/**
 * Port: how bytes of a message become JSON. Never blocks: what has to be asked of a schema registry
 * is {@link Decoded.Unavailable} until the answer is there. Thread-safe.
 */
public interface PayloadFormat {

  /** What bytes came to. */
  sealed interface Decoded {
    /** The tree belongs to who gets it. */
    record Value(JsonNode json) implements Decoded {}

    /** They can never be read; the reason is for people and quotes no data. */
    record Refused(String reason) implements Decoded {}

    /** To be tried again after the stage has ended, however it ends. */
    record Unavailable(String reason, CompletionStage<?> until) implements Decoded {}
  }

  /**
   * @param isKey whether the bytes are the key of the message, not its value
   */
  Decoded decode(SourceMessage message, boolean isKey, byte[] bytes);
}
