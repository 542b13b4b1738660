package io.millrace.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a write says about its acknowledgement: {@code isWriteAck} and the correlation id that the
 * answer must carry. A correlation id without {@code wanted} is kept for error answers.
 */
public record WriteAckRequest(boolean wanted, @Nullable String correlationId) {
  public static final WriteAckRequest NONE = new WriteAckRequest(false, null);
}
