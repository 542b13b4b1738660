package io.millrace.protocol.codec;

import org.jspecify.annotations.Nullable;

/** What became of a frame: a message, or the reason why there is none. */
public sealed interface DecodeResult<M> {

  /** The frame says this message. */
  record Decoded<M>(M message) implements DecodeResult<M> {}

  /**
   * The frame says nothing that can be used. Numbers are those on the wire, {@code -1} where they
   * could not be read; what was sent as name, correlation id and write ack flag is kept where it is
   * readable and valid, so that the sender can be told which of its requests was refused. {@code
   * detail} is for logs and names fields, never their content.
   */
  record Refused<M>(
      Reason reason,
      int topic,
      int action,
      @Nullable String name,
      @Nullable String correlationId,
      boolean isWriteAck,
      String detail)
      implements DecodeResult<M> {}

  /** Why a frame was refused. */
  enum Reason {
    /** Cut short, no protobuf, no JSON object, or text that is not UTF-8. */
    UNREADABLE,
    /** The topic has no number, or one that may not be used in this direction. */
    UNKNOWN_TOPIC,
    /** The topic is known, its action has no number or an unknown one. */
    UNKNOWN_ACTION,
    /** A needed field is missing or breaks a limit of {@link io.millrace.protocol.Limits}. */
    INVALID_FIELDS
  }
}
